"""A plan in words: text for a terminal, markdown for a pull request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from modelctl.litellm_spec.facts import CAPABILITIES
from modelctl.plan.plan_values import WEEK, Change, FactChange, Plan, RouteMove

SIGNS = {"add": "+", "remove": "-", "change": "~"}
_ESCAPED = {ord(mark): f"&#{ord(mark)};" for mark in "\\`*_[]<>|@#&"}
MOST = 200  # lines of one kind; a plan that renames thousands stays readable
_FACTS = frozenset({"context window", "max output tokens", "mode", *CAPABILITIES})


def text(plan: Plan) -> str:
    """The plan as lines: changes that apps notice first, the verdict last."""
    if plan.empty:
        return "no changes"
    lines = [*_part("routes", [_route(move) for move in plan.routes])]
    lines += _part("models", [_change(model) for model in plan.models])
    lines += _part("fallbacks", [_change(chain) for chain in plan.chains])
    lines += _part("settings", [_setting(setting, plan) for setting in plan.settings])
    return "\n".join([*lines, "", *_verdict(plan)]).lstrip("\n")


def markdown(plan: Plan) -> str:
    """A comment for a pull request; names stand in code spans, so that nothing in them is markup."""
    if plan.empty:
        return "### modelctl plan\n\nNo changes."
    blocks = [f"### modelctl plan\n\n{_summary(plan)}"]
    blocks += [f"> **Refused without `--force`:** {_md(problem.message)}" for problem in plan.refusals]
    if plan.routes:
        blocks.append(_table(("route", "from", "to", "what apps notice"), [_route_row(move) for move in plan.routes]))
    if plan.models:
        rows = [(SIGNS[model.action], _code(model.name), _md(_facts(model.facts))) for model in plan.models[:MOST]]
        blocks.append(_table(("", "model", "change"), rows))
    if plan.chains:
        rows = [(SIGNS[chain.action], _code(chain.name), _md(_facts(chain.facts))) for chain in plan.chains[:MOST]]
        blocks.append(_table(("", "falls back", "change"), rows))
    if plan.settings:
        rows = [(SIGNS[setting.action], _code(setting.name), _when(setting, plan)) for setting in plan.settings]
        blocks.append(_table(("", "setting", "live"), rows))
    return "\n\n".join([*blocks, f"Plan `{plan.digest}`: {_restart(plan)}."])


def _part(title: str, lines: Sequence[str]) -> Iterator[str]:
    if lines:
        yield f"\n{title}"
        yield from (f"  {line}" for line in lines[:MOST])
        if len(lines) > MOST:
            yield f"  ... and {len(lines) - MOST} more"


def _route(move: RouteMove) -> str:
    where = f"{move.before} -> {move.after}" if move.before != move.after else str(move.after)
    where = {"add": f"-> {move.after}", "remove": f"(was -> {move.before})"}.get(move.action, where)
    return f"{SIGNS[move.action]} {move.name} {where}{_behind(notices(move))}"


def notices(move: RouteMove) -> str:
    words = [_facts(fact for fact in move.facts if fact.name not in (*move.gained, *move.lost))]
    words += [f"gains {', '.join(move.gained)}"] if move.gained else []
    words += [f"loses {', '.join(move.lost)}"] if move.lost else []
    return "; ".join(word for word in words if word)


def _change(change: Change) -> str:
    return f"{SIGNS[change.action]} {change.name}{_behind(_facts(change.facts))}"


def _setting(change: Change, plan: Plan) -> str:
    return f"{SIGNS[change.action]} {change.name}: {_when(change, plan)}"


def _when(change: Change, plan: Plan) -> str:
    return "after a restart" if change.name in plan.restart else "at once"


def _behind(words: str) -> str:
    return f": {words}" if words else ""


def _facts(facts: Iterable[FactChange]) -> str:
    return ", ".join(_fact(fact) for fact in facts)


def _fact(fact: FactChange) -> str:
    if fact.name == WEEK:
        return f"last week's tokens cost {_usd(fact.before)}, would cost {_usd(fact.after)}{_percent(fact)}"
    if fact.percent is not None and fact.name.endswith("price"):
        return f"{fact.name} {fact.percent:+.0f} % (${fact.before:g} to ${fact.after:g} per 1M)"
    if fact.before is None:
        return f"{fact.name} {_value(fact.after, fact.name)}"
    return f"{fact.name} {_value(fact.before, fact.name)} to {_value(fact.after, fact.name)}"


def _usd(cost: float | None) -> str:
    return "an unknown amount" if cost is None else f"${cost:,.2f}" if cost >= 1 else f"${cost:.2g}"


def _percent(fact: FactChange) -> str:
    return "" if fact.percent is None else f" ({fact.percent:+.0f} %)"


def _value(value: object, name: str) -> str:
    if value is None or value == []:
        return "unknown" if name.endswith("price") or name in _FACTS else "none"
    if name.endswith("price"):
        return f"${value:g} per 1M"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int) and value >= 10_000:
        return f"{value // 1000}k"
    return " > ".join(str(item) for item in value) if isinstance(value, (list, tuple)) else str(value)


def _verdict(plan: Plan) -> Iterator[str]:
    yield f"{_summary(plan)}; {_restart(plan)}"
    for problem in plan.refusals:
        yield f"refused: {problem.message} ({problem.hint})"
    yield f"plan {plan.digest}"


def _summary(plan: Plan) -> str:
    counts = plan.counts()
    return f"{counts['add']} to add, {counts['change']} to change, {counts['remove']} to remove"


def _restart(plan: Plan) -> str:
    return f"restart needed for {', '.join(plan.restart)}" if plan.restart else "live at once, no restart"


# -- markdown ----------------------------------------------------------------------------------


def _route_row(move: RouteMove) -> tuple[str, ...]:
    return (f"{SIGNS[move.action]} {_code(move.name)}", _code(move.before), _code(move.after), _md(notices(move)))


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(columns)} |", f"|{' --- |' * len(columns)}"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


def _code(name: str | None) -> str:
    """A code span that its content cannot end, in a cell that it cannot leave."""
    if not name:
        return ""
    return "`" + _line(name).replace("`", "'").replace("|", "\\|") + "`"


def _md(words: str) -> str:
    return _line(words).translate(_ESCAPED)


def _line(words: str) -> str:
    return "".join(char if char.isprintable() else " " for char in words)
