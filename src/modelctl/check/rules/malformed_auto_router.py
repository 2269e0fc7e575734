"""An auto-router lacks what it routes by: LiteLLM drops the deployment at start, or does not start.

The adaptive router has `adaptive_router_config` with its `available_models`; without it LiteLLM does not start. The
complexity and the quality router have a default model, or tiers to take one from; the semantic router has routes, a
default model and an embedding model. Without these LiteLLM starts without the deployment, with one line in the log.

Before:

    model_list:
      - model_name: auto
        litellm_params: {model: auto_router/adaptive_router}

After:

    model_list:
      - model_name: auto
        litellm_params:
          model: auto_router/adaptive_router
          adaptive_router_config: {available_models: [main]}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from modelctl.check.entry import Entry
from modelctl.check.found import Found
from modelctl.check.listed import ENDS
from modelctl.check.subject import Subject
from modelctl.litellm_spec.value_shapes import is_put_off, is_texts

SEVERITY = "error"
_PREFIX = "auto_router/"
_DROPS = "LiteLLM drops the deployment at start"
_SEMANTIC = ("auto_router_default_model", "auto_router_embedding_model")


def entries(subject: Subject) -> Iterator[Found]:
    for entry in subject.entries:
        if entry.model.startswith(_PREFIX):
            yield from _of_router(entry, entry.model.removeprefix(_PREFIX))


def _of_router(entry: Entry, kind: str) -> Iterator[Found]:
    spot = entry.at("litellm_params", "model", value=True)
    if kind.startswith("adaptive_router"):
        config = entry.params.get("adaptive_router_config")
        if not is_put_off(config) and not (isinstance(config, Mapping) and is_texts(config.get("available_models"))):
            text = f"an adaptive router has `adaptive_router_config` with `available_models`: {ENDS}"
            yield Found(text, spot, "adaptive_router_config: {available_models: [MODEL]}")
    elif kind.startswith(("complexity_router", "quality_router")):
        name = kind.partition("_router")[0]
        if not _has_default(entry.params, name):
            text = f"a {name} router has a `{name}_router_default_model`: {_DROPS}"
            yield Found(text, spot, f"{name}_router_default_model: MODEL")
    else:
        missing = [key for key in _SEMANTIC if not entry.params.get(key)]
        if not entry.params.get("auto_router_config") and not entry.params.get("auto_router_config_path"):
            missing.insert(0, "auto_router_config")
        if missing:
            yield Found(f"an auto-router without `{missing[0]}`: {_DROPS}", spot, f"{missing[0]}: VALUE")


def _has_default(params: Mapping[str, Any], name: str) -> bool:
    config = params.get(f"{name}_router_config")
    inside = isinstance(config, Mapping) and bool(config.get("tiers") or config.get("default_model"))
    return bool(params.get(f"{name}_router_default_model")) or is_put_off(config) or inside
