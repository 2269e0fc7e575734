"""One deployment, one alias, one chain of fallbacks, as LiteLLM reads them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from modelctl.catalog.parse import Steps
from modelctl.check.found import Spot
from modelctl.litellm_spec import known_keys
from modelctl.litellm_spec.config import DEFAULT_FALLBACKS
from modelctl.litellm_spec.known_keys import Retired
from modelctl.litellm_spec.price_map import UNKNOWN, Facts, facts_of, listed
from modelctl.state.desired import digest


@dataclass(frozen=True, eq=False)
class Entry:
    """One deployment as LiteLLM reads it; `params` and `info` are `litellm_params` and `model_info`."""

    group: str
    params: Mapping[str, Any]
    info: Mapping[str, Any]
    place: Callable[[Steps], Spot] = field(repr=False)
    extra: Mapping[str, Any] = field(default_factory=dict)  # the entry's other keys
    tags: Collection[str] = ()
    lifecycle: Mapping[str, Any] | None = None  # of a catalog's model
    stated: bool = False  # the author has written a lifecycle
    doubtful: bool = False  # its file has errors: what seems to be missing may only be misspelt

    def at(self, *path: str | int, value: bool = False) -> Spot:
        """Where `path` (as in LiteLLM's own form) is written; the place of the entry where it is not written."""
        spot = self.place(path)
        inherited = value and path and spot == self.place(())
        return spot if inherited or not value else Spot(spot.document, spot.path, value)

    @cached_property
    def model(self) -> str:
        return str(self.params.get("model", ""))

    @cached_property
    def provider(self) -> str:
        """The prefix of the model string, or what `custom_llm_provider` says; empty when neither does."""
        value = self.params.get("custom_llm_provider")
        return value if isinstance(value, str) and value else self.model.partition("/")[0] if "/" in self.model else ""

    @property
    def base_key(self) -> str:
        return "api_base" if self.params.get("api_base") else "base_url"

    @property
    def api_base(self) -> str | None:
        value = self.params.get(self.base_key)
        return value if isinstance(value, str) else None

    @cached_property
    def base_model(self) -> str | None:
        value = self.info.get("base_model") or self.params.get("base_model")
        return value if isinstance(value, str) else None

    @cached_property
    def facts(self) -> Facts:
        """What the price map knows of it."""
        return facts_of(self.model, self.base_model)

    @cached_property
    def meaning(self) -> str:
        """Equal for entries that LiteLLM could not tell apart."""
        return digest([self.group, self.params])

    @cached_property
    def listed(self) -> Mapping[str, Any] | None:
        """Its entry in the price map."""
        return listed(self.model, self.base_model)

    @cached_property
    def once(self) -> Retired | None:
        """What earlier releases of LiteLLM knew of a model that the present one does not."""
        if self.facts is not UNKNOWN or "*" in self.model or self.base_model:
            return None
        return known_keys.retired(self.model, self.provider or None)

    @property
    def retires(self) -> str | None:
        """The day on which the provider switches it off, as an ISO date."""
        return self.facts.retires if self.lifecycle is None else self.lifecycle.get("retires")

    @property
    def successor(self) -> str | None:
        return (self.lifecycle or {}).get("successor")

    @property
    def wildcard(self) -> bool:
        return "*" in self.group or "*" in self.model

    @cached_property
    def context(self) -> int | None:
        """Tokens that a request may hold, as far as is known."""
        for name in ("max_input_tokens", "max_tokens"):
            if isinstance(value := self.info.get(name), int):
                return value
        return self.facts.context_window


@dataclass(frozen=True)
class Alias:
    """Another name of a model, or a catalog's route; `role` is what it is to its author, `named` where its name is."""

    name: str
    target: str
    spot: Spot
    role: str
    named: Spot


@dataclass(frozen=True)
class Chain:
    """Fallbacks of one name. `kind` is the key they stand under; `steps` are names with their places."""

    kind: str
    name: str
    steps: Sequence[tuple[str, Spot]]
    spot: Spot

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.steps]

    @property
    def owner(self) -> str:
        """Whose fallbacks these are, for people."""
        return "every model" if self.kind == DEFAULT_FALLBACKS else f"`{self.name}`"
