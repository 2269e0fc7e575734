"""Resolves what a request names to a target: a key within a provider, a public name, a unique key."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from modelctl.errors import ModelctlError, NotFound, Refused
from modelctl.state.desired import DesiredState, Model, Provider, Route
from modelctl.state.routes import covers
from modelctl.text.nearest import nearest

_FEW = 12  # names that a hint can list
ADD_ROUTE = "add this to catalog/routes.yaml:\n\nactive:\n  target: {target}"


class Ambiguous(ModelctlError):
    """More than one thing is meant; the message lists them."""

    status, code = 400, "ambiguous"


@dataclass(frozen=True)
class Target:
    """The meaning of a name: a public name, its members, or the wildcard that covers it."""

    name: str
    provider: str | None
    model_id: str
    models: tuple[Model, ...]
    wildcard: Model | None = None

    @property
    def model(self) -> Model | None:
        """The member that was asked for (or the first one); None under a wildcard."""
        return next(
            (model for model in self.models if model.id == self.model_id and model.provider == self.provider), None
        )

    @property
    def members(self) -> list[str]:
        return [f"{model.provider}/{model.id}" for model in self.models]

    @property
    def references(self) -> set[str]:
        members = self.models or ((self.wildcard,) if self.wildcard else ())
        return {name for member in members for name in member.references}


class Index:
    """The models of one desired state, by every name that people use for them; worked out when first asked."""

    def __init__(self, desired: DesiredState) -> None:
        self.desired = desired
        self.providers: dict[str, Provider] = {provider.id: provider for provider in desired.providers}

    @cached_property
    def routes(self) -> dict[str, Route]:
        """By every name that a route goes by."""
        return {name: route for route in self.desired.routes.values() for name in route.names}

    @cached_property
    def models(self) -> list[Model]:
        return [model for provider in self.desired.providers for model in provider.models]

    @cached_property
    def by_key(self) -> dict[tuple[str, str], Model]:
        return {(model.provider, model.id): model for model in self.models}

    @cached_property
    def by_id(self) -> dict[str, list[Model]]:
        return _grouped((model.id, model) for model in self.models)

    @cached_property
    def by_name(self) -> dict[str, list[Model]]:
        return _grouped((model.public_name, model) for model in self.models)

    def route(self, name: str) -> Route:
        """The route, or an answer that says what to add or which name is nearest."""
        route = self.routes.get(name)
        if route:
            return route
        if not self.desired.routes:
            first = next((model.public_name for model in self.models if model.rendered), "a-public-name")
            raise NotFound("the catalog has no routes", hint=ADD_ROUTE.format(target=first))
        raise unknown("route", name, self.routes)

    def target(self, name: str) -> Target:
        """A public name, or what a wildcard covers; no members where nothing has it."""
        models = tuple(self.by_name.get(name, ()))
        if models:
            return Target(name, models[0].provider, models[0].id, models)
        wildcard = self._wildcard(name, self.models)
        return Target(name, wildcard.provider if wildcard else None, name, (), wildcard)

    def resolve(self, model_id: str, provider: str | None = None) -> Target:
        """Raises NotFound (with the nearest name), Ambiguous, or Refused for a route's name."""
        if provider is not None:
            return self._within(self._provider(provider), model_id)
        if model_id in self.routes:
            raise Refused(f"`{short(model_id)}` is a route, not a model", hint="name the model that it should point to")
        if model_id in self.by_name:
            return self.target(model_id)
        if found := self.by_id.get(model_id):
            return self._only(model_id, found)
        if wildcard := self._wildcard(model_id, self.models):
            return Target(model_id, wildcard.provider, model_id, (), wildcard)
        raise unknown("model", model_id, [*self.by_name, *self.by_id])

    def _provider(self, name: str) -> Provider:
        if name not in self.providers:
            raise unknown("provider", name, self.providers)
        return self.providers[name]

    def _within(self, provider: Provider, model_id: str) -> Target:
        named = (one for one in self.by_name.get(model_id, ()) if one.provider == provider.id)
        model = self.by_key.get((provider.id, model_id)) or next(named, None)
        if model:
            return self._as_target(model)
        if wildcard := self._wildcard(model_id, provider.models):
            return Target(model_id, provider.id, model_id, (), wildcard)
        names = [name for one in provider.models for name in (one.id, one.public_name)]
        raise unknown("model", model_id, names, f" of provider `{provider.id}`")

    def _only(self, model_id: str, found: list[Model]) -> Target:
        if len(found) > 1:
            providers = ", ".join(f"`{model.provider}`" for model in found)
            raise Ambiguous(f"`{short(model_id)}` is offered by {providers}", hint="say which with `provider`")
        return self._as_target(found[0])

    def _as_target(self, model: Model) -> Target:
        return Target(model.public_name, model.provider, model.id, tuple(self.by_name[model.public_name]))

    def _wildcard(self, name: str, models: Iterable[Model]) -> Model | None:
        if "*" in name:
            return None
        return next(
            (model for model in models if "*" in model.public_name and covers((model.public_name,), name)), None
        )


def _grouped(pairs: Iterable[tuple[str, Model]]) -> dict[str, list[Model]]:
    groups: dict[str, list[Model]] = {}
    for name, model in pairs:
        groups.setdefault(name, []).append(model)
    return groups


def unknown(kind: str, name: str, known: Iterable[str], where: str = "") -> NotFound:
    names = list(dict.fromkeys(known))
    near = nearest(name, names)
    there = f"{kind}s: {', '.join(names)}" if not near and len(names) <= _FEW else None
    return NotFound(f"no {kind} `{short(name)}`{where}" + (f"; did you mean `{near}`?" if near else ""), hint=there)


def short(text: str, most: int = 80) -> str:
    """A name as a message may repeat it: printable and not long."""
    text = "".join(char if char.isprintable() else "?" for char in text)
    return text if len(text) <= most else f"{text[:most]}..."
