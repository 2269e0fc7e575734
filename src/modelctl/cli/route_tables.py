"""Routes and their history: 80 columns on a terminal, one line per entry in a pipe."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence

from modelctl.cli import output
from modelctl.cli.output import paint
from modelctl.cli.worker_tables import Row, running
from modelctl.text.times import ahead, clock, span


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
