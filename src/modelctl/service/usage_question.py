"""What can be asked of the usage: groups, a range and steps, read from the texts of a request or of the terminal."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from modelctl.errors import ModelctlError
from modelctl.store.usage_store import DAY, DIMENSIONS, HOUR, MINUTE
from modelctl.text.nearest import nearest

MOST_STEPS = 2000
LONG_S = 12 * HOUR  # a longer period starts at a full hour, which needs few wide rows instead of many narrow ones
_AGO = re.compile(r"-?(\d+(?:\.\d+)?)([smhdw])")
_UNITS = {"s": 1, "m": MINUTE, "h": HOUR, "d": DAY, "w": 7 * DAY}
_WORDS = {"minute": MINUTE, "hour": HOUR, "day": DAY}


@dataclass(frozen=True)
class UsageQuestion:
    """`start` <= time < `end` in UTC seconds; `step` in seconds, None for one figure over all of it."""

    by: tuple[str, ...]
    start: float
    end: float
    step: int | None


def read_question(group_by: str, start: str | None, end: str | None, step: str | None, *, now: float) -> UsageQuestion:
    """Raises ModelctlError, with what would be right, for what cannot be answered."""
    by = tuple(part.strip() for part in group_by.split(",") if part.strip())
    for name in by:
        if name not in DIMENSIONS:
            near = nearest(name, DIMENSIONS)
            hint = f"did you mean `{near}`?" if near else f"any of {', '.join(DIMENSIONS)}"
            raise ModelctlError(f"usage cannot be grouped by `{name[:60]}`", hint=hint)
    if len(set(by)) < len(by):
        raise ModelctlError("group_by names a group twice")
    until = now if end is None else _moment(end, now, "to")
    since = _moment("24h", until, "from") if start is None else _moment(start, now, "from")
    if since >= until:
        raise ModelctlError("`from` must lie before `to`", hint="from=24h is the last day")
    width = None if step is None else _step(step, until - since)
    return UsageQuestion(by, since, until, width)


def _moment(text: str, now: float, name: str) -> float:
    """`2026-11-27T12:00:00Z`, seconds since the epoch, or how long ago: `24h`."""
    if match := _AGO.fullmatch(text):
        ago = float(match[1]) * _UNITS[match[2]]
        at = (now - ago) // HOUR * HOUR if ago >= LONG_S else now - ago
    else:
        try:
            at = float(text)
        except ValueError:
            at = _date(text, name)
    if not 0 <= at <= now + 366 * DAY:  # nan fails both comparisons
        raise ModelctlError(f"`{name}` is no time that anything could have been counted at: {text[:60]}")
    return at


def _date(text: str, name: str) -> float:
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        hint = "2026-11-27T12:00:00Z, seconds since 1970, or how long ago: 24h, 7d"
        raise ModelctlError(f"`{name}` is no time: {text[:60]}", hint=hint) from error
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def _step(text: str, span: float) -> int:
    match = _AGO.fullmatch(text)
    seconds = _WORDS.get(text) or (float(match[1]) * _UNITS[match[2]] if match else _number(text))
    if seconds is None or not seconds >= MINUTE or seconds % MINUTE or seconds > 366 * DAY:
        raise ModelctlError(
            f"`step` is no number of whole minutes: {text[:60]}", hint="minute, hour, day, or such as 5m, 6h, 3600"
        )
    if span / seconds > MOST_STEPS:
        raise ModelctlError(
            f"{span / seconds:,.0f} steps are too many, {MOST_STEPS} is the most",
            hint="a wider step, or a shorter range",
        )
    return int(seconds)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
