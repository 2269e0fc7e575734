"""The plan as values: what is added, removed and changed, and what refuses it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from modelctl.errors import Problem
from modelctl.state.desired import digest

Action = Literal["add", "remove", "change"]
WEEK = "cost of last week"  # of a route: its tokens of the last seven days, in USD


@dataclass(frozen=True, slots=True)
class FactChange:
    """A noticeable change. `percent` is the change of a number, None for other values."""

    name: str
    before: Any
    after: Any

    @property
    def percent(self) -> float | None:
        numbers = isinstance(self.before, (int, float)) and isinstance(self.after, (int, float))
        return (self.after - self.before) / self.before * 100 if numbers and self.before else None


@dataclass(frozen=True, slots=True)
class Change:
    """A model, chain or setting that comes, goes or changes. `name` is what people call it."""

    action: Action
    name: str
    facts: tuple[FactChange, ...] = ()


@dataclass(frozen=True, slots=True)
class RouteMove:
    """What the apps behind a route will notice. `gained` and `lost` are capabilities."""

    action: Action
    name: str
    before: str | None = None
    after: str | None = None
    facts: tuple[FactChange, ...] = ()
    gained: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """From the revision `before` (None: nothing yet) to `after`.

    `refusals` keep it from being applied without force: protected items, too many removals.
    """

    before: str | None
    after: str
    models: tuple[Change, ...] = ()
    routes: tuple[RouteMove, ...] = ()
    chains: tuple[Change, ...] = ()
    settings: tuple[Change, ...] = ()
    restart: tuple[str, ...] = ()  # `section.key`, of those settings that only a restart brings in
    refusals: tuple[Problem, ...] = field(default=())

    @property
    def digest(self) -> str:
        """Identifies this step: the same change from another revision is another plan."""
        return step_digest(self.before, self.after)

    @property
    def empty(self) -> bool:
        return self.before == self.after

    def counts(self) -> dict[str, int]:
        found = {"add": 0, "change": 0, "remove": 0}
        actions = [each.action for each in (*self.models, *self.chains, *self.settings)]
        for action in [*actions, *(move.action for move in self.routes)]:
            found[action] += 1
        return found

    def to_dict(self) -> dict[str, Any]:
        """For `--json`: the fields, with `digest`, `hot` and each number's percent."""
        data = asdict(self)
        facts = [model.facts for model in self.models] + [route.facts for route in self.routes]
        for item, own in zip(data["models"] + data["routes"], facts, strict=True):
            item["facts"] = [_fact(fact) for fact in own]
        return {"digest": self.digest, "empty": self.empty, "hot": not self.restart, **data}


def step_digest(before: str | None, after: str) -> str:
    """The digest of the plan from one revision to another."""
    return digest([before, after])


def _fact(fact: FactChange) -> Mapping[str, Any]:
    percent = None if fact.percent is None else round(fact.percent, 1)
    return {"name": fact.name, "before": fact.before, "after": fact.after, "percent": percent}
