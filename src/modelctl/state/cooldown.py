"""What LiteLLM's Router avoids after failures, and what is left of a provider's limits: a part of a worker's report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

CLEAR = "clear"  # action of the history entry by which workers are asked to end the cooldowns of `after`


@dataclass(frozen=True, slots=True)
class Cooldown:
    """LiteLLM sends nothing to a deployment from `since` to `until` (UTC seconds), because it failed.

    `model` is its public name; `why` is one of `usage.figures.CLASSES`, `error` the name of LiteLLM's exception, and
    `status` the HTTP status that came with it, where they are known.
    """

    deployment: str
    model: str
    why: str
    since: float
    until: float
    error: str | None = None
    status: int | None = None


@dataclass(frozen=True, slots=True)
class RateLimit:
    """What the provider said at `at` (UTC seconds) is left of its limits; None where it did not say."""

    deployment: str
    model: str
    at: float
    requests: int | None = None
    requests_limit: int | None = None
    tokens: int | None = None
    tokens_limit: int | None = None

    @property
    def share(self) -> float:
        """What is left, from 0 to 1, of the limit that is nearest to its end; 1 where no limit is known."""
        pairs = ((self.requests, self.requests_limit), (self.tokens, self.tokens_limit))
        return min([left / most for left, most in pairs if left is not None and most], default=1.0)


@dataclass(frozen=True, slots=True)
class RouterHealth:
    """`cooldowns` is None where LiteLLM does not tell; `more` of them were left out.

    `cleared`: version of the head by which it was asked -> how many cooldowns the worker ended.
    """

    cooldowns: tuple[Cooldown, ...] | None = None
    more: int = 0
    limits: tuple[RateLimit, ...] = ()
    cleared: Mapping[int, int] | None = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> RouterHealth:
        cooldowns = data.get("cooldowns")
        return cls(
            cooldowns=None if cooldowns is None else tuple(_made(Cooldown, cooldowns)),
            more=int(data.get("more") or 0),
            limits=tuple(_made(RateLimit, data.get("limits") or ())),
            cleared={int(version): count for version, count in (data.get("cleared") or {}).items()},
        )


def _made(kind: Any, rows: Iterable[Mapping[str, Any]]) -> Iterable[Any]:
    """Without the keys that a newer release may have written."""
    names = {each.name for each in fields(kind)}
    return (kind(**{name: value for name, value in row.items() if name in names}) for row in rows)
