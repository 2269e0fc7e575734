"""routes.yaml and proxy.yaml -> routes and LiteLLM's other sections."""

from __future__ import annotations

from typing import Any

from modelctl.build.compile_model import plain
from modelctl.catalog import overrides, schema_tops
from modelctl.catalog.catalog_file import CatalogFile
from modelctl.catalog.load_tops import ProxyFile
from modelctl.litellm_spec.config import FALLBACK_KINDS
from modelctl.state.desired import Route

HOOK = "modelctl.hook.handler"


def routes(file: CatalogFile | None) -> dict[str, Route]:
    return {name: _route(name, written) for name, written in (file.entry if file and file.entry else {}).items()}


def _route(name: str, written: schema_tops.RouteSpec) -> Route:
    chains: dict[str, Any] = {
        kind: None if (chain := getattr(written, kind)) is None else tuple(chain) for kind in FALLBACK_KINDS
    }
    requires = written.requires.model_dump(by_alias=True, exclude_none=True) if written.requires else {}
    choices = {"tags": written.choices.tags} if isinstance(written.choices, schema_tops.ByTags) else written.choices
    return Route(
        name, written.target, written.description, requires=requires, choices=choices, hidden=written.hidden,
        protected=written.protected, also=tuple(written.also or ()), guard=overrides.guard(written.guard),
        budget=overrides.budget(written.budget), proof=overrides.proof(written.proof),
        split=tuple(written.split.items()) if written.split else None, sticky=written.sticky, **chains,
    )  # fmt: skip


def settings(file: CatalogFile | None) -> dict[str, Any]:
    """LiteLLM's other sections, with our hook among the callbacks unless `hook: false`."""
    proxy: ProxyFile = file.entry if file and file.entry else ProxyFile(schema_tops.ProxySpec(), {})
    sections = plain(proxy.sections)
    own: dict[str, Any] = dict(sections.get("litellm_settings") or {})
    if proxy.own.default_fallbacks:
        own["default_fallbacks"] = proxy.own.default_fallbacks
    if proxy.own.hook:
        own["callbacks"] = _with_hook(own.get("callbacks"))
    return {
        **({"litellm_settings": own} if own else {}),
        **{k: v for k, v in sections.items() if k != "litellm_settings"},
    }


def _with_hook(callbacks: object) -> list[Any]:
    present = [] if callbacks is None else callbacks if isinstance(callbacks, list) else [callbacks]
    return present if HOOK in present else [*present, HOOK]
