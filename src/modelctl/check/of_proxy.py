"""proxy.yaml: what stands in LiteLLM's sections but belongs to the catalog."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from modelctl.catalog.catalog_file import CatalogFile
from modelctl.catalog.parse import Document
from modelctl.errors import Problem
from modelctl.state.desired import FALLBACK_KINDS

_LISTS = frozenset(
    {
        "credential_list",
        "guardrails",
        "mcp_tools",
        "policy_attachments",
        "plugins",
        "prompts",
        "search_tools",
        "sandbox_tools",
        "vector_store_registry",
        "pass_through_endpoints",
        "worker_registry",
        "agents",
        "agent_list",
    }
)
_SETTINGS = ("litellm_settings", "router_settings", "general_settings", "environment_variables")


def of_proxy(file: CatalogFile) -> Iterator[Problem]:
    data = file.document.data
    if not isinstance(data, dict):
        return
    for section in _SETTINGS:
        value = data.get(section)
        if value is not None and not isinstance(value, dict):
            yield file.document.problem("bad-value", f"`{section}` takes a mapping", [section], value=True)
    yield from _misplaced(file.document, data)
    yield from _default_fallbacks_twice(file.document, data)


def _misplaced(document: Document, data: dict[str, Any]) -> Iterator[Problem]:
    """Aliases and fallbacks are worked out from routes and models; written here they would be lost."""
    for section in ("router_settings", "litellm_settings"):
        for key in data[section] if isinstance(data.get(section), dict) else ():
            if key == "model_group_alias":
                hint = "write a route in routes.yaml"
            elif key in FALLBACK_KINDS:
                hint = f"write `{key}: [...]` on the model or the route"
            else:
                continue
            yield document.problem(
                "misplaced-key", f"`{section}.{key}` is made from the catalog", [section, key], hint=hint
            )


def _default_fallbacks_twice(document: Document, data: dict[str, Any]) -> Iterator[Problem]:
    places = [(key,) for key in ("default_fallbacks",) if key in data]
    for section in ("litellm_settings", "router_settings"):
        if isinstance(data.get(section), dict) and "default_fallbacks" in data[section]:
            places.append((section, "default_fallbacks"))  # type: ignore[arg-type]
    for path in places[1:]:
        yield document.problem("duplicate-key", "`default_fallbacks` is written in two places: keep one", path)
