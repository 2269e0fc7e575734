"""What should run: the values that the control plane publishes and the workers apply.

Pure data and arithmetic on it. Everything here survives a trip through JSON; secrets are
references (`os.environ/NAME`) throughout.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from functools import cached_property
from operator import attrgetter
from typing import Any

from modelctl.litellm_spec.config import FALLBACK_KINDS
from modelctl.litellm_spec.facts import FACTS, ModelFacts
from modelctl.state.selection import Arms, arms_of
from modelctl.state.stretches import cut
from modelctl.state.terms import Alerting, Budget, Guard, ProofBounds


def digest(value: object) -> str:
    """16 hex digits that name this JSON value, whatever the order of its keys."""
    return hashlib.sha256(_WRITER.encode(value).encode("utf-8", "surrogatepass")).hexdigest()[:16]


_WRITER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)


@dataclass(frozen=True, slots=True)
class Deployment:
    """One entry of LiteLLM's `model_list`.

    `group` is the public name; `params`, `info` and `extra` are `litellm_params`, `model_info`
    (without `id`) and the entry's other keys, references unresolved.
    """

    id: str
    group: str
    params: dict[str, Any]
    info: dict[str, Any] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)

    def entry(self) -> dict[str, Any]:
        """As LiteLLM reads it."""
        info = {"id": self.id, **self.info}
        return {"model_name": self.group, "litellm_params": self.params, "model_info": info, **self.extra}

    def to_dict(self) -> dict[str, Any]:
        """As `asdict`, without its deep copies."""
        return {"id": self.id, "group": self.group, "params": self.params, "info": self.info, "extra": self.extra}


def deployment(
    group: str, params: dict[str, Any], info: dict[str, Any], extra: dict[str, Any] | None = None
) -> Deployment:
    """A deployment under its stable id: a digest of what it is, never of a secret's value."""
    extra = extra or {}
    return Deployment(digest([group, params, info, extra]), group, params, info, extra)


_TERMS: dict[str, type[Guard] | type[Budget] | type[ProofBounds]] = {
    "guard": Guard, "budget": Budget, "proof": ProofBounds,
}  # fmt: skip
_LATER = (*_TERMS, "split", "sticky")


@dataclass(frozen=True, slots=True)
class Route:
    """An alias that apps call. A chain of None means: the chain of the target."""

    name: str
    target: str
    description: str | None = None
    fallbacks: tuple[str, ...] | None = None
    context_window_fallbacks: tuple[str, ...] | None = None
    content_policy_fallbacks: tuple[str, ...] | None = None
    requires: dict[str, Any] = field(default_factory=dict)
    choices: Any = "any"  # "any", a list of public names, or {"tags": [...]}
    hidden: bool = False
    protected: bool = False  # its removal, or another default target, needs force
    also: tuple[str, ...] = ()  # further names for the same route, which move with it
    guard: Guard | None = None
    budget: Budget | None = None
    split: Arms | None = None  # how requests are dealt, `target` among the arms
    proof: ProofBounds | None = None  # of models that are proved on it; None: the usual ones
    sticky: str | None = None  # what requests of one session have in common; None: their user

    def to_dict(self) -> dict[str, Any]:
        """A term that is not stated is left out, so that what was written before it existed stays equal."""
        written = asdict(self)
        return {name: value for name, value in written.items() if name not in _LATER or value is not None}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Route:
        chains = {kind: None if data.get(kind) is None else tuple(data[kind]) for kind in FALLBACK_KINDS}
        terms = {name: made(**data[name]) for name, made in _TERMS.items() if data.get(name)}
        split = arms_of(data.get("split"))
        return cls(**{**data, **chains, **terms, "also": tuple(data.get("also", ())), "split": split})

    @property
    def names(self) -> tuple[str, ...]:
        """Every alias that clients may call it by."""
        return (self.name, *self.also)


@dataclass(frozen=True)
class Model(ModelFacts):
    """A model as people see it: identity, facts, and whether it is rendered.

    `context_window` and `max_output_tokens` count tokens; `price` holds `input`, `output` and
    `cached_input` in USD per 1M tokens. None means unknown.
    `references` are the environment variables without which no request can succeed.
    """

    id: str
    provider: str
    public_name: str
    name: str
    description: str | None = None
    price: dict[str, float | None] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    icon: str | None = None
    color: str | None = None
    lifecycle: dict[str, Any] = field(default_factory=dict)  # status, retires (ISO date), successor
    rendered: bool = True
    protected: bool = False  # its removal needs force
    references: tuple[str, ...] = ()
    budget: dict[str, Any] | None = None  # the fields of a `terms.Budget`

    def to_dict(self) -> dict[str, Any]:
        """As `asdict`, without its deep copies: thousands of models pass here on every publish.

        A budget that is not stated is left out, see `Route.to_dict`.
        """
        written = dict(zip(_MODEL_FIELDS, _OF_MODEL(self), strict=True))
        if self.budget is None:
            del written["budget"]
        return written

    @cached_property
    def body(self) -> str:
        """As JSON; kept, since of a provider's models an edit changes one."""
        return json.dumps(self.to_dict(), separators=(",", ":"), ensure_ascii=False)

    def to_row(self) -> tuple[Any, ...]:
        """The values alone, in the order of the fields: half as long, and read by the version that wrote it."""
        return tuple(_OF_MODEL(self))

    @classmethod
    def from_row(cls, values: list[Any]) -> Model:
        return cls.from_dict(dict(zip(_MODEL_FIELDS, values, strict=True)))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Model:
        return cls(**{**data, "tags": tuple(data["tags"]), "references": tuple(data["references"])})


_OWN = [each.name for each in fields(Model) if each.name not in FACTS]
_MODEL_FIELDS = (*_OWN[: _OWN.index("price")], *FACTS, *_OWN[_OWN.index("price") :])
_OF_MODEL = attrgetter(*_MODEL_FIELDS)


@dataclass(frozen=True)
class Provider:
    """A provider and its models, in the order in which they are written."""

    id: str
    name: str
    models: tuple[Model, ...]
    description: str | None = None
    icon: str | None = None
    color: str | None = None

    def to_dict(self) -> dict[str, Any]:
        return {**self.head, "models": [model.to_dict() for model in self.models]}

    @property
    def head(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("id", "name", "description", "icon", "color")}

    @cached_property
    def body(self) -> str:
        """`to_dict` as JSON, of the models' bodies."""
        head = json.dumps(self.head, separators=(",", ":"), ensure_ascii=False)
        return f'{head[:-1]},"models":[{",".join([model.body for model in self.models])}]}}'

    @cached_property
    def digest(self) -> str:
        return digest(self.body)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Provider:
        return cls(**{**data, "models": tuple(Model.from_dict(model) for model in data["models"])})


@dataclass(frozen=True)
class DesiredState:
    """Everything a catalog asks for. `deployments` are by id, in render order.

    `fallbacks` is kind -> public name -> chain, for models only: a route's own chain stands on the
    route. `settings` are LiteLLM's other sections without what `live` adds.
    """

    deployments: dict[str, Deployment]
    routes: dict[str, Route] = field(default_factory=dict)
    fallbacks: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    env_defaults: dict[str, str] = field(default_factory=dict)
    providers: tuple[Provider, ...] = ()
    alerting: Alerting | None = None

    @cached_property
    def revision(self) -> str:
        """Digest of the content alone: equal states have equal revisions, everywhere."""
        parts = [list(self.stretches), [provider.digest for provider in self.providers]]
        routes = {name: route.to_dict() for name, route in self.routes.items()}
        more = [asdict(self.alerting)] if self.alerting else []
        return digest([*parts, routes, self.fallbacks, self.settings, self.env_defaults, *more])

    @cached_property
    def stretches(self) -> dict[str, tuple[str, ...]]:
        """The ids of the deployments, see `stretches.cut`."""
        return cut(self.deployments)

    def beyond(self, other: DesiredState) -> list[Deployment]:
        """The deployments that the other does not have; looks only at stretches that it does not have."""
        own = (ids for name, ids in self.stretches.items() if name not in other.stretches)
        return [self.deployments[id_] for ids in own for id_ in ids if id_ not in other.deployments]

    @property
    def public_names(self) -> set[str]:
        """What clients may send as `model`, routes not counted."""
        return {deployment.group for deployment in self.deployments.values()}
