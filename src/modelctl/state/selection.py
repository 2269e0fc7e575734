"""Selections made at run time, and their history: values that control plane and workers share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from operator import attrgetter
from typing import Any

from modelctl.state.cooldown import RouterHealth
from modelctl.state.key_source import KeySource, key_sources

Arms = tuple[tuple[str, float], ...]  # public name and share in percent, as they are written


def arms_of(written: Any) -> Arms | None:
    """As it comes back from JSON."""
    return tuple((str(name), float(share)) for name, share in written) if written else None


@dataclass(frozen=True, slots=True)
class Proof:
    """A model that takes a route over in steps, if it does as well as the one that the route points to.

    `steps` are shares in percent, rising; each lasts `step_s` seconds, `at` is the index of the present one.
    Times are UTC seconds: when the whole and when the present step began.
    """

    new: str
    present: str
    steps: tuple[float, ...]
    step_s: float
    began: float
    since: float
    at: int = 0
    looks: int = 0  # how often the two were compared in earlier steps
    provider: str | None = None
    model_id: str | None = None

    @property
    def share(self) -> float:
        return self.steps[self.at]

    @property
    def last(self) -> bool:
        return self.at == len(self.steps) - 1


def proof_of(written: Any) -> Proof | None:
    """As it comes back from JSON."""
    return Proof(**{**_known(Proof, written), "steps": tuple(map(float, written["steps"]))}) if written else None


@dataclass(frozen=True, slots=True)
class Selection:
    """A run-time choice of a route's target.

    `over` is the default target it was made over; when a reviewed change alters that default the
    selection ends (unless `pinned`). `guarded` is what a guard left, where it was the guard that chose.
    With `split`, requests are dealt to its arms, `target` among them; with `proof` they are compared.
    Times are UTC seconds since the epoch.
    """

    target: str
    over: str
    actor: str
    at: float
    reason: str | None = None
    until: float | None = None
    forced: bool = False
    pinned: bool = False
    provider: str | None = None
    model_id: str | None = None
    guarded: str | None = None
    spent: bool = False  # whether it was a budget that chose
    split: Arms | None = None
    proof: Proof | None = None

    @property
    def models(self) -> tuple[str, ...]:
        """Every public name that requests reach by it."""
        return tuple(dict.fromkeys((self.target, *(name for name, _ in self.split or ()))))

    def in_effect(self, now: float) -> bool:
        return self.until is None or now < self.until


# Route -> its selections, oldest first. The last one in effect counts; `rollback` takes it away.
# Under `BLOCKS`, which no route is called, are the models that are taken out of traffic: see `blocking`.
BLOCKS = ""
Selections = dict[str, tuple[Selection, ...]]


@dataclass(frozen=True, slots=True)
class Resting:
    """A selection that a publish ended because its model or route was away, and since when."""

    since: float
    route: str
    selection: Selection


@dataclass(frozen=True, slots=True)
class Head:
    """What the store holds now. `version` grows by one with each write."""

    version: int = 0
    revision: str | None = None
    selections: Selections = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One line of history. `action`: publish, select, split, prove, rollback, expire, end, return, block, unblock,
    clear (see `cooldown.CLEAR`).

    `model` is the one that was blocked or unblocked, also where the line says which way a route went for it.
    """

    action: str
    at: float
    actor: str
    route: str | None = None
    before: str | None = None
    after: str | None = None
    reason: str | None = None
    revision: str | None = None
    until: float | None = None
    forced: bool = False
    version: int = 0
    split: Arms | None = None
    model: str | None = None

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Worker:
    """The latest report of one LiteLLM process.

    `version` is the newest head it has dealt with, `revision` the one it runs; `error` is the nack
    text when the two differ. `unset` names the variables that its deployments miss,
    `restart_needed` the settings (`section.key`) that only a restart brings in, `left_out` the
    deployments of the revision that LiteLLM refuses. `state` says where the worker stands: "running",
    or why it does not run what the head says (see `hook.decide.Standing`). `store` is the one
    whose heads `version` counts (None: unknown). `namespace` and `born` are of its process: the pid
    alone says nothing in another pid namespace, or once another process has been given it.
    `usage` says why the worker cannot count, if so. `health` is what its Router avoids (None: it does not tell).
    `keys` are those that come from files.
    """

    id: str
    pid: int
    host: str
    version: int = 0
    revision: str | None = None
    targets: dict[str, str] = field(default_factory=dict)
    error: str | None = None
    at: float = 0.0
    started: float = 0.0
    unset: tuple[str, ...] = ()
    restart_needed: tuple[str, ...] = ()
    litellm: str | None = None
    took_ms: float | None = None
    store: str | None = None
    namespace: int | None = None
    born: int | None = None
    state: str | None = None
    left_out: tuple[str, ...] = ()
    usage: str | None = None
    health: RouterHealth | None = None
    keys: tuple[KeySource, ...] = ()

    def acked(self, version: int) -> bool:
        return self.version >= version and self.error is None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Worker:
        lists = {name: tuple(data.get(name, ())) for name in ("unset", "restart_needed", "left_out")}
        health = RouterHealth.from_dict(given) if (given := data.get("health")) else None
        return cls(**{**_known(cls, data), **lists, "health": health, "keys": key_sources(data.get("keys") or ())})


def selections_to_json(selections: Selections) -> dict[str, Any]:
    """Not by `asdict`, which copies deeply: each select and each worker passes here."""
    return {route: [_plain(selection) for selection in stack] for route, stack in selections.items() if stack}


def _plain(selection: Selection) -> dict[str, Any]:
    plain = dict(zip(_NAMES, _OF(selection), strict=True))
    return plain if selection.proof is None else {**plain, "proof": asdict(selection.proof)}


_NAMES = tuple(each.name for each in fields(Selection))
_OF = attrgetter(*_NAMES)


def selections_from_json(data: Mapping[str, Any]) -> Selections:
    return {route: tuple(map(_selection, stack)) for route, stack in data.items()}


def _selection(one: Mapping[str, Any]) -> Selection:
    return Selection(
        **{**_known(Selection, one), "split": arms_of(one.get("split")), "proof": proof_of(one.get("proof"))}
    )


def resting_to_json(resting: Iterable[Resting]) -> list[Any]:
    return [asdict(one) for one in resting]


def resting_from_json(data: Iterable[Any]) -> tuple[Resting, ...]:
    return tuple(Resting(one["since"], one["route"], _selection(one["selection"])) for one in data)


def _known(kind: type[Any], data: Mapping[str, Any]) -> dict[str, Any]:
    """Without the keys that a newer release may have written."""
    names = _NAMES_OF[kind]
    return {name: value for name, value in data.items() if name in names}


_NAMES_OF = {kind: frozenset(each.name for each in fields(kind)) for kind in (Selection, Worker, Proof)}
