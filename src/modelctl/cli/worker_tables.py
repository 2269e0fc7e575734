"""Workers: which of them run what is published, what they lack, and which models LiteLLM avoids on them."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any

from modelctl.cli import output
from modelctl.cli.output import paint
from modelctl.text.times import span

Row = Mapping[str, Any]
_GOOD = {True: "good", False: "error"}


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
    sources = {(key["variable"], key["file"], key["since"], key["problem"]) for one in found for key in one["keys"]}
    for variable, file, since, problem in sorted(sources, key=str):
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
