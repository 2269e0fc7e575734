"""How one request went: what was asked for, why it went where it went, and each call of a provider. Never content."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True, slots=True)
class RequestOrigin:
    """What a worker ran when it answered: `target` is where `route` pointed (the arm, where requests are dealt).

    `source`: git, run-time, guard, budget, or block where `target` answers for `left`, which is blocked. Where somebody
    chose, `actor` did at `since` (UTC seconds) for `reason`; `left` is also what a guard left, `dealt` whether a split
    chose the arm.
    """

    worker: str
    revision: str | None = None
    route: str | None = None
    target: str | None = None
    source: str | None = None
    actor: str | None = None
    reason: str | None = None
    since: float | None = None
    left: str | None = None
    dealt: bool = False


@dataclass(frozen=True, slots=True)
class TriedCall:
    """One call of a provider. `failed` is one of `figures.CLASSES`, `error` the name of the exception."""

    model: str
    deployment: str
    provider: str
    seconds: float
    failed: str | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class RequestRecord:
    """`id` is LiteLLM's (`x-litellm-call-id`), `response` the answer's own.

    `outcome`: answered, cached, closed, failed. `at` is when it arrived (UTC seconds). `more`
    calls were made beyond `tried`.
    """

    id: str
    at: float
    asked: str
    origin: RequestOrigin
    outcome: str
    response: str | None = None
    seconds: float | None = None
    failed: str | None = None
    tried: tuple[TriedCall, ...] = ()
    more: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Without what is None or as usual. Not by `asdict`, which copies deeply: each request passes here."""
        return {**_said(self), "origin": _said(self.origin), "tried": [_said(one) for one in self.tried]}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> RequestRecord:
        tried = tuple(TriedCall(**_known(TriedCall, each)) for each in data.get("tried", ()))
        return cls(
            **{**_known(cls, data), "origin": RequestOrigin(**_known(RequestOrigin, data["origin"])), "tried": tried}
        )


def _said(value: Any) -> dict[str, Any]:
    return {
        name: found for name in value.__slots__ if (found := getattr(value, name)) is not None and found is not False
    }


def _known(kind: type[Any], data: Mapping[str, Any]) -> dict[str, Any]:
    """Without the keys that a newer release may have written."""
    names = {each.name for each in fields(kind)}
    return {name: value for name, value in data.items() if name in names}
