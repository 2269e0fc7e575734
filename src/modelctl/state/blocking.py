"""Models that are taken out of traffic, and where the routes that point to them go instead: pure decisions, no I/O.

A block stands among the selections, in the place of a route: it reaches every worker in one step with them, each worker
knows by itself when it ends, and no store needs to know of it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from modelctl.state import routes
from modelctl.state.desired import DesiredState, Route
from modelctl.state.selection import BLOCKS, Arms, Selection, Selections
from modelctl.state.splitting import WHOLE
from modelctl.text.times import iso


def blocks(selections: Selections, now: float) -> dict[str, Selection]:
    """Public name -> its block, of those that count at `now`."""
    return {one.target: one for one in selections.get(BLOCKS, ()) if one.in_effect(now)}


def told(block: Selection) -> str:
    """What a client reads whose request is refused; also what `list` and `status` say."""
    until = f" until {iso(block.until)}" if block.until is not None else ""
    return f"`{block.target}` is blocked{until}" + (f": {block.reason}" if block.reason else "")


@dataclass(frozen=True, slots=True)
class OutOfTraffic:
    """`why` is by public name; `offered` are all public names: a blocked wildcard takes out only what it covers."""

    why: Mapping[str, str]
    offered: Collection[str] = ()

    def reason(self, name: str) -> str | None:
        """Why `name` gets no request; None where it does."""
        if name in self.why or name in self.offered:
            return self.why.get(name)
        patterns = [pattern for pattern in {*self.why, *self.offered} if "*" in pattern and fnmatchcase(name, pattern)]
        return self.why[patterns[0]] if patterns and all(pattern in self.why for pattern in patterns) else None

    def has(self, name: str) -> bool:
        return self.reason(name) is not None

    def left_of(self, chain: Sequence[str]) -> list[str]:
        return [step for step in chain if not self.has(step)]


def out_of_traffic(selections: Selections, offered: Collection[str], now: float) -> OutOfTraffic | None:
    """None where nothing is blocked."""
    found = blocks(selections, now)
    return OutOfTraffic({name: told(block) for name, block in found.items()}, offered) if found else None


@dataclass(frozen=True, slots=True)
class Reached:
    """Where the requests for a route go. `instead_of` is the target that is out; `answers`: is any model left."""

    target: str
    arms: Arms | None = None
    instead_of: str | None = None
    answers: bool = True


def reached(desired: DesiredState, route: Route, chosen: Reached, out: OutOfTraffic) -> Reached:
    """What becomes of `chosen`. The arms that are left share its requests; where none is, the first of its fallbacks
    that is left answers, and last the catalog's target."""
    target, arms = chosen.target, chosen.arms
    left = [(name, share) for name, share in arms or () if not out.has(name)]
    if not out.has(target):
        return Reached(target, _whole(left, arms))
    if any(share for _, share in left):
        return Reached(max(left, key=lambda arm: arm[1])[0], _whole(left, arms), target)
    of_models = desired.fallbacks.get("fallbacks", {})
    chain = of_models.get(target, ()) if route.fallbacks is None else route.fallbacks
    fit = out.left_of([*chain, route.target])
    return Reached(fit[0], None, target) if fit else Reached(target, None, target, answers=False)


def _whole(left: Sequence[tuple[str, float]], arms: Arms | None) -> Arms | None:
    """The arms that are left, with shares that make a whole again; None where there is nothing to deal."""
    total = sum(share for _, share in left)
    if arms is None or len(left) < 2 or not total:
        return None
    return arms if len(left) == len(arms) else tuple((name, share * WHOLE / total) for name, share in left)


def standing(desired: DesiredState, selections: Selections, now: float) -> dict[str, Reached]:
    """Where the requests for each route go at `now`."""
    pointed, dealt = routes.targets(desired.routes, selections, now), routes.splits(desired.routes, selections, now)
    out = out_of_traffic(selections, desired.public_names, now) if selections.get(BLOCKS) else None
    chosen = {name: Reached(pointed[name], dealt.get(name)) for name in desired.routes}
    if out is None:
        return chosen
    return {name: reached(desired, route, chosen[name], out) for name, route in desired.routes.items()}
