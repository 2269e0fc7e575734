"""What an entry needs that only a restart brings in: it must not serve without it.

LiteLLM serves a model whose guardrail does not exist as if it had none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from modelctl.state.desired import Deployment

# litellm_params key -> (section, key of the name in each of its items)
DECLARED: dict[str, tuple[str, str]] = {
    "guardrails": ("guardrails", "guardrail_name"),
    "prompt_id": ("prompts", "prompt_id"),
    "vector_store_ids": ("vector_store_registry", "litellm_params.vector_store_id"),
}


def waiting(
    entries: Iterable[Deployment], booted: Mapping[str, Any], wanted: Mapping[str, Any]
) -> tuple[Deployment, str] | None:
    """The first of `entries` that names something which `wanted` declares and the worker has not booted with."""
    missing = {key: _declared(key, wanted) - _declared(key, booted) for key in DECLARED}
    if not any(missing.values()):
        return None
    for entry in entries:
        for key, names in missing.items():
            found = sorted(names.intersection(_names(entry.params.get(key))))
            if found:
                return entry, f"`{found[0]}` of `{DECLARED[key][0]}`"
    return None


def _declared(key: str, settings: Mapping[str, Any]) -> set[str]:
    section, field = DECLARED[key]
    listed = settings.get(section)
    return {name for item in (listed if isinstance(listed, list) else []) for name in _names(_at(item, field))}


def _at(item: Any, path: str) -> Any:
    for part in path.split("."):
        item = item.get(part) if isinstance(item, Mapping) else None
    return item


def _names(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        yield from (item for item in value if isinstance(item, str))
