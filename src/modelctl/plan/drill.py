"""An outage, thought through: who answers for each route while a provider is down, and what apps lose by it. Pure.

LiteLLM asks the target, then the fallbacks in their order, and skips who fails; a public name answers as long as any
of its members does.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from modelctl.errors import NotFound
from modelctl.litellm_spec.facts import CAPABILITIES
from modelctl.plan.make_plan import capabilities, fact_changes, offered
from modelctl.plan.plan_values import FactChange, RouteMove
from modelctl.state.desired import DesiredState, Model, Route
from modelctl.state.router_config import arm_alias
from modelctl.text.nearest import nearest

NOTICED = ("input price", "output price", "context window", "max output tokens", "mode", *CAPABILITIES)
Groups = Mapping[str, Sequence[Model]]  # public name -> its members


@dataclass(frozen=True, slots=True)
class Stand:
    """Who answers for `asked` (a target, or one arm of a split): `answers` is None where nobody does.

    `skipped` are the names that were asked before and are down. `move` says what apps notice.
    """

    route: str
    asked: str
    share: float | None
    answers: str | None
    skipped: tuple[str, ...] = ()
    move: RouteMove | None = None

    @property
    def unharmed(self) -> bool:
        return self.answers == self.asked


@dataclass(frozen=True, slots=True)
class Drill:
    """`down` are the public names that nobody serves, `weakened` those that have lost some of their members."""

    named: tuple[str, ...]
    down: tuple[str, ...]
    weakened: tuple[str, ...]
    offered: int
    stands: tuple[Stand, ...]
    litellm: str | None = None  # the release that was really asked; None: it was thought through

    @property
    def silent(self) -> tuple[str, ...]:
        """The routes of which at least a part gets no answer."""
        return tuple(dict.fromkeys(each.route for each in self.stands if each.answers is None))

    def to_dict(self) -> dict[str, Any]:
        routes = [{**asdict(each), "unharmed": each.unharmed} for each in self.stands]
        return {
            "named": list(self.named), "down": list(self.down), "weakened": list(self.weakened),
            "offered": self.offered, "litellm": self.litellm, "silent": list(self.silent), "routes": routes,
        }  # fmt: skip


def think_through(desired: DesiredState, named: Sequence[str]) -> Drill:
    """`named` are providers and public names that are down. Raises NotFound with the nearest name."""
    groups = offered(desired)
    gone = set[tuple[str, str]]()
    for name in named:
        gone |= _meant(desired, groups, name)
    left = {
        name: [each for each in members if (each.provider, each.id) not in gone] for name, members in groups.items()
    }
    down = tuple(name for name, members in left.items() if not members)
    weakened = tuple(name for name, members in left.items() if 0 < len(members) < len(groups[name]))
    stands = tuple(stand for route in desired.routes.values() for stand in _stands(desired, route, groups, down))
    return Drill(tuple(named), down, weakened, len(groups), stands)


def sent(stand: Stand) -> str:
    """The name that a client's request has when it gets there."""
    return stand.route if stand.share is None else arm_alias(stand.route, stand.asked)


def with_answers(thought: Drill, answers: Mapping[str, str | None], litellm: str) -> Drill:
    """With who answered in fact, by the name that was sent; what was not asked stays as it was thought."""
    stands = tuple(
        replace(each, answers=answers[name], move=each.move if answers[name] == each.answers else None)
        if (name := sent(each)) in answers
        else each
        for each in thought.stands
    )
    return replace(thought, stands=stands, litellm=litellm)


def providers(desired: DesiredState) -> list[str]:
    """Those that serve any model."""
    return [each.id for each in desired.providers if any(model.rendered for model in each.models)]


def _meant(desired: DesiredState, groups: Groups, name: str) -> set[tuple[str, str]]:
    """The members that a name takes down: all of a provider, of a public name, or of a model's key."""
    members = {
        (model.provider, model.id)
        for provider in desired.providers
        for model in provider.models
        if name in (provider.id, model.public_name, model.id)
    }
    if not members:
        known = [*(each.id for each in desired.providers), *groups]
        near = nearest(name, known)
        hint = None if near else f"providers: {', '.join(providers(desired))}"
        raise NotFound(f"no provider or model `{name}`" + (f"; did you mean `{near}`?" if near else ""), hint=hint)
    return members


def _stands(desired: DesiredState, route: Route, groups: Groups, down: Collection[str]) -> Iterator[Stand]:
    for asked, share in route.split or ((route.target, None),):
        if share == 0:
            continue
        own = route.fallbacks
        chain = desired.fallbacks.get("fallbacks", {}).get(asked, ()) if own is None else own
        steps = list(dict.fromkeys([asked, *chain]))
        answers = next((step for step in steps if step not in down), None)
        skipped = tuple(steps[: steps.index(answers)] if answers else steps)
        move = None if answers in (None, asked) else _move(route.name, asked, str(answers), groups)
        yield Stand(route.name, asked, share, answers, skipped, move)


def _move(route: str, before: str, after: str, groups: Groups) -> RouteMove:
    left, right = (next(iter(groups.get(name, ())), None) for name in (before, after))
    if left is None or right is None:  # a wildcard serves it: nothing is known
        return RouteMove("change", route, before, after)
    facts: tuple[FactChange, ...] = tuple(each for each in fact_changes(left, right) if each.name in NOTICED)
    return RouteMove("change", route, before, after, facts, capabilities(left, right), capabilities(right, left))
