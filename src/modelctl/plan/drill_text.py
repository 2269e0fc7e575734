"""A drill in words."""

from __future__ import annotations

from collections.abc import Iterator

from modelctl.plan.drill import Drill, Stand
from modelctl.plan.plan_text import notices


def drill_text(made: Drill) -> str:
    """Routes that nobody answers for last, nearest to the verdict."""
    count = len(made.down)
    lines = [f"{' and '.join(made.named)} down: {count} of {made.offered} models {'is' if count == 1 else 'are'} gone"]
    if made.weakened:
        lines.append(f"  served by fewer: {', '.join(made.weakened)}")
    lines += _lines(made)
    kept = len({each.route for each in made.stands} - {each.route for each in made.stands if not each.unharmed})
    if kept:
        lines.append(f"{kept} route{' does' if kept == 1 else 's do'} not notice")
    silent = made.silent
    if made.litellm:
        lines.append(f"LiteLLM {made.litellm} was asked; no provider was called")
    lines.append(f"nobody answers for {', '.join(silent)}" if silent else "every route answers")
    return "\n".join(lines)


def _lines(made: Drill) -> Iterator[str]:
    for each in sorted((one for one in made.stands if not one.unharmed), key=lambda one: one.answers is None):
        yield f"  {_who(each)} -> {each.answers or 'NOBODY'}{_noticed(each)}"


def _who(stand: Stand) -> str:
    share = f" ({stand.share:g} %)" if stand.share is not None else ""
    return f"{stand.route}: {' > '.join(stand.skipped)}{share}"


def _noticed(stand: Stand) -> str:
    words = notices(stand.move) if stand.move else ""
    return f": {words}" if words else ""
