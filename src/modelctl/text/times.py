"""Times as programs, `date` and people read them."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_UNITS = ((86400.0, "d"), (3600.0, "h"), (60.0, "min"), (1.0, "s"))
_SMALLEST = 2  # of a unit: `90 min` says more than `1 h`
_PART = re.compile(r"(\d+(?:\.\d+)?)([smhdw])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


def seconds(text: str) -> float | None:
    """`90s`, `2h`, `1d12h`: how long; None for anything else."""
    tight = re.sub(r"\s", "", text.lower())
    parts = _PART.findall(tight)
    if not parts or "".join(number + unit for number, unit in parts) != tight:
        return None
    return sum(float(number) * _SECONDS[unit] for number, unit in parts)


def iso(at: float | None) -> str | None:
    """UTC, to the second."""
    return None if at is None else datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def clock(at: float, now: float) -> str:
    """Local time, with as much of the date as is needed: `15:22`, `27 Nov 15:22`, `27 Nov 2025`."""
    moment, today = datetime.fromtimestamp(at), datetime.fromtimestamp(now)
    if moment.date() == today.date():
        return moment.strftime("%H:%M")
    return f"{moment.day} {moment.strftime('%b %H:%M' if moment.year == today.year else '%b %Y')}"


def span(seconds: float) -> str:
    """About how long: `45 s`, `90 min`, `2 h`, `3 d`."""
    size, unit = next((each for each in _UNITS if abs(seconds) >= _SMALLEST * each[0] - 0.5), _UNITS[-1])
    return f"{abs(seconds) / size:.0f} {unit}"


def ahead(at: float, now: float) -> str:
    """`in 2 h (15:22)`."""
    return f"in {span(at - now)} ({clock(at, now)})"
