"""What a catalog adds to what LiteLLM would read: its files, its models, its routes and presets.

`ProviderPart` is one provider (its findings are reused until it changes), `CatalogPart` what spans all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from modelctl.catalog.compiled_provider import CompiledProvider
from modelctl.catalog.load_catalog import Catalog, ProviderFiles
from modelctl.catalog.parse import Document
from modelctl.check.catalog_names import CatalogNames
from modelctl.check.found import Spot
from modelctl.state.desired import Route


@dataclass(frozen=True)
class ProviderPart:
    """A provider's files, and what is compiled from them."""

    files: ProviderFiles
    compiled: CompiledProvider

    @property
    def doubtful(self) -> bool:
        """Whether a file has errors: what seems to be missing there may only be misspelt."""
        return any(file.problems for file in self.files.files)

    @property
    def documents(self) -> list[Document]:
        return [document for file in self.files.files for document in file.documents]


@dataclass(frozen=True)
class CatalogPart:
    """The whole as it is written, and the names that it offers."""

    written: Catalog
    every_route: Mapping[str, Route]
    names: CatalogNames

    @property
    def is_empty(self) -> bool:
        """Whether there is no model at all: then no rule checks what refers to models."""
        names = self.names
        return names.complete and not names.hidden and not any(part.offers for part in names.parts)

    @property
    def routes(self) -> Mapping[str, Route]:
        """The routes, as far as models exist that they could point to."""
        return {} if self.is_empty or self.written.routes is None else self.every_route

    @property
    def routes_document(self) -> Document:
        assert self.written.routes is not None
        return self.written.routes.document

    @property
    def proxy(self) -> Mapping[str, Any]:
        """What stands in proxy.yaml, sound or not; empty where that is no mapping."""
        data = self.written.proxy.document.data if self.written.proxy else None
        return data if isinstance(data, dict) else {}

    @property
    def proxy_document(self) -> Document:
        assert self.written.proxy is not None
        return self.written.proxy.document

    @property
    def default_fallbacks(self) -> list[tuple[tuple[str, ...], Any]]:
        """Where proxy.yaml has the key, and what stands there."""
        sections = [((), self.proxy), *(((name,), self.proxy.get(name)) for name in _WITH_DEFAULTS)]
        return [((*path, _KEY), data[_KEY]) for path, data in sections if isinstance(data, dict) and _KEY in data]

    @property
    def presets(self) -> Mapping[str, Any]:
        return (self.written.presets.entry or {}) if self.written.presets else {}

    def preset_spot(self, *path: str) -> Spot:
        assert self.written.presets is not None
        return Spot(self.written.presets.document, path)


_KEY = "default_fallbacks"
_WITH_DEFAULTS = ("litellm_settings", "router_settings")
