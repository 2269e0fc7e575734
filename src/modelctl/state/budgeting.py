"""How much of a budget is used, and which routes leave what has none left: pure decisions, no I/O.

A day is one of UTC. What is spent through a route counts for its budget by every name that the route has, what a model
spends by whichever name it was asked for.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from modelctl.state.desired import DesiredState
from modelctl.state.selection import Selection
from modelctl.state.terms import Budget
from modelctl.usage.figures import Figures

ACTOR = "budget"
NEAR, OVER = 0.8, 1.0  # shares of a budget that raise a warning
DAY_S = 86400
Rows = Mapping[tuple[str, str], Figures]  # today's, by the name that was asked for and the model that served


@dataclass(frozen=True, slots=True)
class Spent:
    """One budget today. `used` is in its unit; `unknown` calls have no known cost, and are not in it."""

    kind: Literal["model", "route"]
    name: str
    budget: Budget
    used: float
    unknown: int

    @property
    def most(self) -> float:
        return self.budget.per_day or self.budget.tokens_per_day or 0

    @property
    def unit(self) -> Literal["USD", "tokens"]:
        return "USD" if self.budget.per_day is not None else "tokens"

    @property
    def share(self) -> float:
        return self.used / self.most

    @property
    def remark(self) -> str | None:
        """The warning; its words stay the same all day, so that an alert is sent once."""
        whose = f"today's budget of {self.kind} `{self.name}` ({self.most:,g} {self.unit})"
        if self.share >= OVER:
            return f"{whose} is spent"
        return f"{NEAR:.0%} of {whose} is spent" if self.share >= NEAR else None

    @property
    def figures(self) -> str:
        used = f"{self.used:,.2f}" if self.unit == "USD" else f"{self.used:,.0f}"
        return f"{used} of {self.most:,g} {self.unit} of {self.kind} `{self.name}` are spent today"


def budgets(desired: DesiredState, rows: Rows) -> list[Spent]:
    """Every budget that the catalog states; of a group, the first that a member states."""
    models: dict[str, Budget] = {}
    for model in (model for provider in desired.providers for model in provider.models):
        if model.budget and model.rendered:
            models.setdefault(model.public_name, Budget(**model.budget))
    found = [_spent("model", name, (name,), budget, rows=rows) for name, budget in models.items()]
    routes = ((route, route.budget) for route in desired.routes.values() if route.budget)
    return found + [_spent("route", route.name, route.names, budget, rows=rows) for route, budget in routes if budget]


def _spent(kind: Literal["model", "route"], name: str, names: Collection[str], budget: Budget, *, rows: Rows) -> Spent:
    at = 0 if kind == "route" else 1
    those = [figures for key, figures in rows.items() if key[at] in names]
    fields = ("cost",) if budget.per_day is not None else ("prompt_tokens", "completion_tokens")
    used = sum(figures[field] for figures in those for field in fields)
    unknown = sum(int(figures["cost_unknown"]) for figures in those) if budget.per_day is not None else 0
    return Spent(kind, name, budget, used, unknown)


@dataclass(frozen=True, slots=True)
class Switch:
    route: str
    to: str
    reason: str


def switches(found: Sequence[Spent], targets: Mapping[str, str], acted: Collection[str]) -> Iterator[Switch]:
    """Routes that leave what is spent; none twice a day (`acted` has been moved today), for people may move it back."""
    over = {(one.kind, one.name) for one in found if one.share >= OVER}
    for one in found:
        to = one.budget.then
        if one.share < OVER or to is None or ("model", to) in over:
            continue
        for route, target in targets.items():
            whose = route if one.kind == "route" else target
            if whose == one.name and target != to and route not in acted:
                yield Switch(route, to, one.figures)


def midnight(now: float) -> float:
    """When this day began, UTC seconds."""
    return now // DAY_S * DAY_S


def chosen(switch: Switch, default: str, now: float) -> Selection:
    """Until midnight, when the budget is whole again."""
    until = midnight(now) + DAY_S
    return Selection(switch.to, default, ACTOR, now, switch.reason, until=until, spent=True)
