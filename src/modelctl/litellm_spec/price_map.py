"""What LiteLLM's bundled price map knows of a model, read as a file: litellm itself is not imported.

Importing litellm takes 6 to 25 seconds, reading its JSON some 20 ms.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from modelctl.litellm_spec.facts import CAPABILITIES, LITELLM_NAMES, ModelFacts
from modelctl.litellm_spec.modes import CHAT_MODES
from modelctl.litellm_spec.provider_families import same_listing

MAP_FILE = "model_prices_and_context_window_backup.json"
PRICE_NAMES = {
    "input": "input_cost_per_token",
    "output": "output_cost_per_token",
    "cached_input": "cache_read_input_token_cost",
}
_MILLION = Decimal(1_000_000)
_SNAPSHOT = re.compile(r"-\d{4}-\d{2}-\d{2}$")
_VERSION = re.compile(r"-\d+$")


@dataclass(frozen=True, slots=True)
class Facts(ModelFacts):
    """What the map knows of one model; None is unknown. Prices in USD per 1M tokens, `retires` an ISO date."""

    input: float | None = None
    output: float | None = None
    cached_input: float | None = None
    retires: str | None = None


UNKNOWN = Facts()


@cache
def price_map() -> Mapping[str, dict[str, Any]]:
    """The bundled map; empty when litellm is not installed or its file is not what it was."""
    path = map_path()
    try:
        loaded: dict[str, dict[str, Any]] = json.loads(path.read_bytes()) if path else {}
    except (OSError, ValueError):
        return {}
    loaded.pop("sample_spec", None)
    return loaded


@cache
def map_path() -> Path | None:
    """The map's file in the installed litellm; None when there is none."""
    spec = find_spec("litellm")
    folders = (spec.submodule_search_locations or ()) if spec else ()
    return next((path for folder in folders if (path := Path(folder) / MAP_FILE).is_file()), None)


@lru_cache(maxsize=1 << 14)  # a build asks several times of each entry
def facts_of(upstream: str, base_model: str | None = None) -> Facts:
    """Facts of the model behind LiteLLM's model string, or of its `base_model` where one is given."""
    entry = listed(upstream, base_model)
    return UNKNOWN if entry is None else _facts(entry)


@lru_cache(maxsize=1 << 14)
def listed(upstream: str, base_model: str | None = None) -> dict[str, Any] | None:
    """The bundled map's entry."""
    return find(price_map(), upstream, base_model)


def find(known: Mapping[str, dict[str, Any]], upstream: str, base_model: str | None) -> dict[str, Any] | None:
    """The map's entry, looked up in the order in which LiteLLM does."""
    if base_model is not None:
        return known.get(base_model)
    provider, slash, model = upstream.partition("/")
    if not slash:
        return known.get(upstream)
    for name in _names(provider, model):
        entry = known.get(name)
        if entry is not None and same_listing(provider, entry.get("litellm_provider")):
            return entry
    return None


@lru_cache(maxsize=1 << 10)  # prices repeat
def per_token(usd_per_million: float) -> float:
    """Exact: 0.1 per 1M is 1e-07, with no dust of binary fractions behind it."""
    return float(Decimal(repr(usd_per_million)) / _MILLION)


def per_million(usd_per_token: float) -> float:
    return float(Decimal(repr(usd_per_token)) * _MILLION)


def _names(provider: str, model: str) -> Iterator[str]:
    yield f"{provider}/{model}"
    yield model
    stripped = _stripped(provider, model)
    if stripped != model:
        yield f"{provider}/{stripped}"
        yield stripped


def _stripped(provider: str, model: str) -> str:
    """Without the part that names one version or one fine-tuning."""
    if model.startswith("ft:"):
        return ":".join(model.split(":")[:2])
    return (_VERSION if provider in ("vertex_ai", "gemini", "databricks") else _SNAPSHOT).sub("", model)


def _facts(entry: Mapping[str, Any]) -> Facts:
    mode = entry.get("mode")
    flags: dict[str, Any] = {ours: entry.get(LITELLM_NAMES[ours]) for ours in CAPABILITIES.values()}
    if mode in CHAT_MODES:  # the map seldom says so of what all of these can do
        flags["supports_streaming"] = entry.get("supports_native_streaming", True)
    prices: dict[str, Any] = {ours: stated_price(entry.get(theirs)) for ours, theirs in PRICE_NAMES.items()}
    return Facts(
        mode=mode,
        context_window=_count(entry.get("max_input_tokens", entry.get("max_tokens"))),
        max_output_tokens=_count(entry.get("max_output_tokens")),
        retires=_date(entry.get("deprecation_date")),
        **flags,
        **prices,
    )


def stated_price(value: object) -> float | None:
    """USD per 1M tokens from what is written per token; None for what is no number."""
    return per_million(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _count(value: object) -> int | None:
    return int(value) if isinstance(value, (int, float)) and value > 0 else None


def _date(value: object) -> str | None:
    return value if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value) else None
