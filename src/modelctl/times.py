"""Times as programs, `date` and people read them."""

from __future__ import annotations

from datetime import UTC, datetime

_UNITS = ((86400.0, "d"), (3600.0, "h"), (60.0, "min"), (1.0, "s"))
_SMALLEST = 2  # of a unit: `90 min` says more than `1 h`


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
