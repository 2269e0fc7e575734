"""The overlay of one environment: what `environments/<name>.yaml` says differently, laid over the files.

    providers: {openai: {api_base: ..., models: {gpt-6-luna: {params: {timeout: 20}}}}}
    routes: {active: {target: gpt-6-luna}}
    proxy: {router_settings: {timeout: 60}}

Mappings are merged key by key, anything else is replaced, and null takes away. What results is
validated like the rest, and a problem is told where it was written: in the file or in the overlay.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from modelctl.catalog.parse import Document, Steps
from modelctl.errors import Problem

SECTIONS = ("providers", "routes", "proxy", "presets")


@dataclass(eq=False)
class Layered(Document):
    """A file with a part of the overlay over it; `prefix` is where that part stands in `over`."""

    over: Document | None = None
    prefix: tuple[str | int, ...] = ()

    def problem(self, rule: str, message: str, path: Steps = (), *, value: bool = False, **more: object) -> Problem:
        """A problem at the place that wrote the value last."""
        whole = (*self.prefix, *path)
        if self.over and _written(self.over.data, whole):
            return self.over.problem(rule, message, whole, value=value, **more)
        return super().problem(rule, message, path, value=value, **more)


@dataclass(frozen=True)
class Environment:
    """The overlay as it was read; without one nothing is changed."""

    document: Document | None = None

    def over(self, document: Document, *prefix: str, without: Collection[str] = ()) -> Document:
        """`document` with what the overlay says at `prefix`. `without`: models that stand in files of their own."""
        part = self._part(prefix)
        if part is None or document.problems:
            return document
        if without and isinstance(part, Mapping) and isinstance(part.get("models"), Mapping):
            models = {key: value for key, value in part["models"].items() if key not in without}
            part = {**part, "models": models} if models else {k: v for k, v in part.items() if k != "models"}
        data = merged({} if document.data is None else document.data, part)
        return Layered(document.label, document.text, data, (), self.document, prefix)

    def names(self, section: str) -> Collection[str]:
        part = self._part((section,))
        return part.keys() if isinstance(part, Mapping) else ()

    def problems(self, providers: Collection[str]) -> Iterator[Problem]:
        """Problems of the overlay itself."""
        document = self.document
        if document is None:
            return
        yield from document.problems
        if document.data is not None and not isinstance(document.data, Mapping):
            yield document.problem("bad-value", f"an environment holds {', '.join(SECTIONS)}", value=True)
            return
        for name in document.data or {}:
            if name not in SECTIONS and not name.startswith("x-"):
                hint = f"one of {', '.join(SECTIONS)}"
                yield document.problem("unknown-key", f"an environment has no `{name}`", [name], hint=hint)
        for name in self.names("providers"):
            if name not in providers:
                text = f"the environment changes provider `{name}`, which the catalog does not have"
                yield document.problem("unknown-provider", text, ["providers", name])

    def _part(self, prefix: Steps) -> Any:
        part = self.document.data if self.document else None
        for step in prefix:
            part = part.get(step) if isinstance(part, Mapping) else None
        return part


NOWHERE = Environment()


def merged(base: object, over: object) -> Any:
    """Mappings key by key; null takes a key away; anything else replaces."""
    if not isinstance(base, Mapping) or not isinstance(over, Mapping):
        return over
    kept = {key: value for key, value in base.items() if over.get(key, value) is not None or value is None}
    new = {
        key: merged(base.get(key) or {}, value) if isinstance(value, Mapping) else value for key, value in over.items()
    }
    return {**kept, **{key: value for key, value in new.items() if value is not None}}


def _written(data: object, path: Steps) -> bool:
    for step in path:
        if not isinstance(data, (Mapping, list)):
            return False
        try:
            data = data[step]  # type: ignore[index]
        except (KeyError, IndexError, TypeError):
            return False
    return True
