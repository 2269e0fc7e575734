"""How LiteLLM looks up a name that a client sends: its Router's order, without a Router.

A name that no `model_name` has is tried against the wildcards, as it is and then with the prefix of the provider that
LiteLLM infers from it; fallbacks are found by a name with and without that prefix.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Container, Iterable, Iterator
from functools import lru_cache
from typing import Any

from modelctl.litellm_spec import known_keys
from modelctl.litellm_spec.price_map import price_map

BARE = frozenset(
    {
        "openai", "text-completion-openai", "anthropic", "cohere", "cohere_chat", "replicate", "openrouter", "maritalk",
        "vertex_ai-language-models", "vertex_ai-text-models", "vertex_ai-chat-models", "vertex_ai-code-chat-models",
        "vertex_ai-code-text-models", "vertex_ai-embedding-models", "vertex_ai-vision-models", "vertex_ai-image-models",
        "vertex_ai-video-models", "ai21", "aleph_alpha", "baseten", "nlp_cloud", "petals", "bedrock",
        "bedrock_converse", "watsonx", "empower", "gradient_ai",
    }
)  # fmt: skip
"""The providers whose models LiteLLM knows without a prefix (as its price map calls them)."""

_SAME = {"bedrock_converse": "bedrock", "ai21": "ai21_chat"}
_BY_NAME = (  # names that LiteLLM's code itself ties to a provider
    (re.compile(r"ft:gpt-3\.5-turbo|ft:gpt-4|^gpt-image|^(?:dall-e-[23]|sora-2|\*)$"), "openai"),
    (re.compile(r"^maritalk$"), "maritalk"),
    (re.compile(r"^petals-team/StableBeluga2$"), "petals"),
    (re.compile(r"^embed-"), "cohere"),
    (
        re.compile(r"^(?:[a-z-]+\.)?(?:amazon|ai21|anthropic|cohere|meta|mistral|deepseek|qwen|openai)\."),
        "bedrock",
    ),
)


@lru_cache(maxsize=4096)
def inferred_provider(name: str) -> str | None:
    """The provider that LiteLLM infers from a name that does not say it."""
    listed = (price_map().get(name) or {}).get("litellm_provider")
    if listed in BARE:
        family = str(listed)
        return "vertex_ai" if family.startswith("vertex_ai-") else _SAME.get(family, family)
    known = next((provider for pattern, provider in _BY_NAME if pattern.search(name)), None)
    return known or _generalized(name)


def _generalized(name: str) -> str | None:
    """The map's own rules for names that it does not list (`claude-<family>-<n>`)."""
    rules: Any = (price_map().get("fallback_generalizations") or {}).get("rules") or ()
    for rule in rules:
        provider = (rule.get("model_info") or {}).get("litellm_provider")
        if provider and re.search(rule["pattern"], name, re.IGNORECASE):
            return str(provider)
    return None


def with_prefix(name: str) -> str | None:
    """`PROVIDER/name` for a name without a prefix whose provider LiteLLM infers."""
    provider = None if "/" in name else inferred_provider(name)
    return f"{provider}/{name}" if provider else None


def without_prefix(name: str, custom: Collection[str] = ()) -> str | None:
    """The name behind a provider's prefix; `custom` are providers that the config itself adds."""
    prefix, slash, rest = name.partition("/")
    return rest if slash and (prefix in known_keys.providers() or prefix in custom) else None


def by_wildcard(wildcards: Iterable[str], name: str) -> str | None:
    """The name under which one of these wildcards serves `name`: itself, or with its provider's prefix."""
    patterns = [_pattern(wildcard) for wildcard in wildcards]
    if any(pattern.match(name) for pattern in patterns):
        return name
    prefixed = with_prefix(name) if patterns else None
    return prefixed if prefixed and any(pattern.match(prefixed) for pattern in patterns) else None


def may_serve(wildcard: str, name: str) -> bool:
    """Whether requests to this wildcard may find fallbacks that are written for `name`, with its prefix or without."""
    if "*" not in wildcard:
        return False
    prefix, slash, _ = wildcard.partition("/")
    return any(by_wildcard([wildcard], each) for each in (name, *([f"{prefix}/{name}"] if slash else ())))


@lru_cache(maxsize=1024)
def _pattern(wildcard: str) -> re.Pattern[str]:
    """As LiteLLM reads one: every `*` is anything, and what follows the last character is not looked at."""
    return re.compile(re.escape(wildcard).replace(r"\*", "(.*)"))


def fallback_key(name: str, keys: Container[str], custom: Collection[str] = ()) -> str | None:
    """The key under which LiteLLM finds the fallbacks of `name`: its own, else with or without the prefix."""
    if name in keys:
        return name
    others = with_prefix(name), without_prefix(name, custom)
    return next((key for key in others if key is not None and key in keys), None)


def keyed_names(key: str, names: Collection[str], custom: Collection[str] = ()) -> Iterator[str]:
    """The names whose fallbacks a key with another spelling of the prefix gives."""
    stripped = without_prefix(key)
    if stripped is not None and stripped in names and with_prefix(stripped) == key:
        yield stripped
    yield from (name for name in names if without_prefix(name, custom) == key)


def is_put_off(name: str) -> bool:
    """Whether something else (Jinja, envsubst, LiteLLM's own references) decides which name stands there."""
    return "{{" in name or "{%" in name or "$" in name or name.startswith("os.environ/")
