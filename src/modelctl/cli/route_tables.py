"""Tables of routes, workers and history: 80 columns on a terminal, one line per entry in a pipe."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any

from modelctl.cli import output
from modelctl.cli.output import paint
from modelctl.text.times import ahead, clock, span

Row = Mapping[str, Any]
_GOOD = {True: "good", False: "error"}


def pointing(answer: Row) -> str:
    """`active -> fast (acme/fast), until ...`."""
    where = f" ({answer['provider']}/{answer['model_id']})" if answer.get("model_id") else ""
    return f"{answer['route']} -> {paint('bold', answer['target'])}{where}{intent(answer)}"


def intent(answer: Row) -> str:
    """Who selected the target, why, and until when."""
    words = [_instead(answer)] if answer.get("instead_of") else []
    words += [dealt(answer["split"])] if answer.get("split") else []
    words += [proved(answer["proof"])] if answer.get("proof") else []
    words += [f"ends {ahead(answer['until'], time.time())}"] if answer.get("until") else []
    words += [f"chosen by {answer['actor']}"] if answer.get("actor") else []
    words += [answer["reason"]] if answer.get("reason") else []
    words += ["differs from the catalog"] if answer.get("diverged") else []
    return f", {', '.join(words)}" if words else ""


def _instead(answer: Row) -> str:
    blocked = answer["instead_of"]
    return f"for {blocked}, which is blocked" if blocked != answer["target"] else "which is blocked: nobody answers"


def blocked(found: Sequence[Row]) -> None:
    """A line for each model that gets no request."""
    for one in found:
        until = f" until {clock(one['until'], time.time())}" if one["until"] else ""
        why = f": {one['reason']}" if one["reason"] else ""
        output.show(paint("warning", f"{one['model']} is blocked{until} by {one['actor']}{why}"))


def dealt(split: Mapping[str, float]) -> str:
    """`fast 90 %, slow 10 %`."""
    return "split " + ", ".join(f"{name} {share:g} %" for name, share in split.items())


def proved(proof: Row) -> str:
    """`proving slow: step 1 of 3 at 5 %, 20 s of 5 min`."""
    lasts = "" if proof["lasts"] is None else f", {span(proof['lasts'])} of {span(proof['step_s'])}"
    waits = f", {proof['waits']}" if proof["waits"] else ""
    return (
        f"proving {proof['new']}: step {proof['step']} of {len(proof['steps'])} at {proof['share']:g} %{lasts}{waits}"
    )


def compared(proof: Row) -> str:
    """What both did in this step: `slow 12 calls, 1 failed, p95 0.8 s; fast ...`."""
    figures = proof["figures"] or {}
    return "; ".join(_figures(proof[side], figures[side]) for side in ("new", "present") if side in figures)


def _figures(name: str, row: Row) -> str:
    words = [f"{row['calls']} calls", f"{sum(row['failed'].values())} failed"]
    words += [f"{label} {row[key]:.2g} s" for label, key in _SPREADS.items() if row[key] is not None]
    words += [] if row["cost_per_call"] is None else [f"{row['cost_per_call']:.2g} USD a call"]
    return f"{name} {', '.join(words)}"


_SPREADS = {"p50": "p50", "p95": "p95", "first token": "first_token_p50"}


def warnings(problems: Sequence[Row]) -> None:
    """Warnings about the model that a route points to, such as its retirement."""
    for problem in problems:
        output.say(f"warning[{problem['rule']}]: {problem['message']}")
        if problem.get("hint"):
            output.say(f"  hint: {problem['hint']}")


def moved(answer: Row) -> None:
    """The result of `use` and `rollback`, and the workers that run it."""
    warned = [each for each in answer["problems"] if each.get("severity") == "warning"]
    for problem in answer["problems"]:
        if problem not in warned:
            output.say(f"overridden: {problem['message']}")
    warnings(warned)
    would = "would point" if answer.get("dry_run") else "points"
    was = ", as it did already" if answer.get("already") else f" (was {answer['previous']})"
    output.show(f"{answer['route']} {would} to {paint('bold', answer['target'])}{was}{intent(answer)}")
    running(answer["workers"])


_STATES = {
    "in-sync": ("good", "in sync"), "pending": ("warning", "pending"),
    "diverged": ("error", "diverged"), "unknown": ("warning", "unknown"),
}  # fmt: skip


def agreement(answer: Row) -> None:
    """`in sync for 3 min`: whether catalog, published revision and workers agree."""
    style, words = _STATES[answer["state"]]
    reason = f": {answer['reason']}" if answer["reason"] else ""
    text = f"{words} for {span(time.time() - answer['since'])}{reason}"
    first, *rest = output.wrap(text, output.width() - 2)
    output.show(paint(style, words) + first.removeprefix(words))
    for line in rest:
        output.show(f"  {line}")


def source(answer: Row) -> None:
    """The branch that the catalog comes from."""
    commit = f"{answer['commit'][:10]} ({answer['author']}: {answer['title']})"
    fetched = f"fetched {span(time.time() - answer['fetched_at'])} ago" if answer["fetched_at"] else "not fetched yet"
    output.out(f"{answer['branch']} of {answer['remote']} at {commit}, {fetched}")


def budgets(found: Sequence[Row]) -> None:
    """Today's use of every budget."""
    for one in found:
        used = f"{one['used']:,.2f}" if one["unit"] == "USD" else f"{one['used']:,.0f}"
        unknown = f", {one['unknown']:,} calls of unknown cost not counted in" if one["unknown"] else ""
        style = "error" if one["share"] >= 1 else "warning" if one["share"] >= 0.8 else "good"
        share = paint(style, f"{one['share']:.0%}")
        output.show(f"budget of {one['name']}: {used} of {one['per_day']:,g} {one['unit']} today, {share}{unknown}")


def cooling(row: Row) -> str:
    """`rate_limit (429 RateLimitError)`."""
    detail = " ".join(str(part) for part in (row["status"], row["error"]) if part)
    return f"{row['why']} ({detail})" if detail else str(row["why"])


def limits(row: Row) -> str:
    """`12 of 500 requests, 90,000 of 200,000 tokens`."""
    parts = [
        f"{row[kind]:,}" + (f" of {most:,}" if (most := row[f"{kind}_limit"]) is not None else "") + f" {kind}"
        for kind in ("requests", "tokens")
        if row[kind] is not None
    ]
    return ", ".join(parts) or "not said"


def avoided(found: Sequence[Row]) -> None:
    """A line per model that LiteLLM avoids, with why, on how many workers, and when it ends everywhere."""
    cooled: dict[tuple[str, str], list[float]] = {}
    now = time.time()
    for worker in found:
        for each in worker["cooldowns"] or ():
            cooled.setdefault((each["model"], cooling(each)), []).append(each["until"])
    for (model, why), until in cooled.items():
        where = f"on {len(until)} of {len(found)} {_workers(len(found))}"
        text = f"LiteLLM avoids {model} {where}, {why}, {max(0.0, max(until) - now):.0f} s more"
        for line in output.wrap(text, output.width()):
            output.show(paint("warning", line))
    if cooled:
        output.show(f"  {paint('hint', 'hint', sys.stderr)}: modelctl health --clear MODEL ends it", sys.stderr)


def running(workers: Sequence[Row]) -> None:
    late = [worker for worker in workers if not worker["acked"]]
    if workers:
        ran = len(workers) - len(late)
        of = f" of {len(workers)}" if late else ""
        output.show(
            paint(_GOOD[not late], f"{ran}{of} {_workers(len(workers))} {_runs(ran)} it", sys.stderr), sys.stderr
        )
    for worker in late:
        output.say(f"  {worker['id']}: {worker['error']}")


def _workers(count: int) -> str:
    return "worker" if count == 1 else "workers"


def _runs(count: int) -> str:
    return "runs" if count == 1 else "run"


def workers(found: Sequence[Row]) -> None:
    """A line per worker; then what workers lack."""
    if not found:
        return output.out("no worker runs")
    rows = [
        (one["id"], one["revision"], f"{span(one['age_s'])} ago",
         paint("good", "yes") if one["acked"] else one["error"] or "not yet")
        for one in found
    ]  # fmt: skip
    output.table(("worker", "revision", "heard", "runs it"), rows, right=("heard",))
    litellms(found)
    avoided(found)
    for one in found:
        if one.get("usage_remark"):
            output.show(paint("warning", f"usage on {one['id']}: {one['usage_remark']}"))
    keys(found)
    lacking("not set", "unset", found, "put what you need into .env, then run `modelctl restart`")
    lacking("left out, as LiteLLM refuses it", "left_out", found, "mend or remove the entry; the rest is live")
    lacking("restart needed for", "restart_needed", found, "`modelctl restart` brings it in")


def keys(found: Sequence[Row]) -> None:
    """How old each key from a file is, and why a newer one is not used; never a value."""
    now = time.time()
    told = {(key["variable"], key["file"], key["since"], key["problem"]) for one in found for key in one["keys"]}
    for variable, file, since, problem in sorted(told, key=str):
        age = f", {span(now - since)} old" if since else ""
        output.show(f"key {variable}: {file}{age}")
        if problem:
            output.show(paint("warning", f"  {problem}"))
    starts = [one["started"] for one in found if one["started"]]
    if starts:
        output.show(f"keys in the environment: as of the start of the workers, {span(now - min(starts))} ago")


def litellms(found: Sequence[Row]) -> None:
    """The LiteLLM versions that run (by worker where they differ), and remarks about untested ones."""
    releases = sorted({one["litellm"] for one in found if one.get("litellm")})
    if len(releases) == 1:
        output.show(f"LiteLLM {releases[0]}")
    for release in releases if len(releases) > 1 else ():
        who = ", ".join(one["id"] for one in found if one.get("litellm") == release)
        output.show(paint("warning", f"LiteLLM {release} on {who}"))
    for text in sorted({one["litellm_remark"] for one in found if one.get("litellm_remark")}):
        output.show(paint("warning", text))


def lacking(what: str, field: str, found: Sequence[Row], act: str) -> None:
    """Names that workers lack, wrapped; names the workers where not all lack them."""
    names = sorted({name for one in found for name in one[field]})
    if not names:
        return
    who = [one["id"] for one in found if one[field]]
    where = "" if len(who) == len(found) else f" on {', '.join(who)}"
    for line in output.wrap(f"{what}{where}: {', '.join(names)}", output.width()):
        output.show(paint("warning", line))
    output.show(f"  {paint('hint', 'hint', sys.stderr)}: {act}", sys.stderr)


def history(entries: Sequence[Row]) -> None:
    """For people the change in words; for a pipe the fields."""
    if sys.stdout.isatty():
        now = time.time()
        rows = [(clock(entry["at"], now), entry["actor"], _change(entry)) for entry in entries]
        return output.table(("when", "who", "what"), rows)
    fields = [
        (entry["time"], entry["action"], entry["route"], f"{entry['before'] or '-'} -> {entry['after'] or '-'}",
         entry["actor"], (entry["reason"] or "") + (" (forced)" if entry["forced"] else ""))
        for entry in entries
    ]  # fmt: skip
    output.table(("time", "action", "route", "change", "actor", "reason"), fields)


def _change(row: Row) -> str:
    done = f"{row['action']} {row['model']}" if row.get("model") else row["action"]
    moved = f"{row['route']}: {row['before'] or '-'} -> {row['after'] or '-'}" if row["route"] else done
    moved += f" the cooldown of {row['after']}" if row["action"] == "clear" else ""
    revision = f" {row['revision']}" if not row["route"] and not row.get("model") and row.get("revision") else ""
    how = f" ({done})" if row["route"] and row["action"] != "select" else ""
    how += f", {dealt(row['split'])}" if row.get("split") else ""
    why = f", {row['reason']}" if row["reason"] else ""
    return f"{moved}{revision}{how}{why}" + (" (forced)" if row["forced"] else "")
