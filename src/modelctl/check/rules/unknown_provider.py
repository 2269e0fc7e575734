"""The model string names no provider that LiteLLM knows.

LiteLLM drops the deployment at start with one line in its log; the proxy calls itself healthy and answers 400 to every
request for it. `model` is `PROVIDER/MODEL`. Without a prefix LiteLLM looks the name up in its price map, from which
retired models are removed: then a name that worked for years no longer does.

Before:

    litellm_params:
      model: claude-3-opus-20240229

After:

    litellm_params:
      model: anthropic/claude-opus-4-5
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from modelctl.check.entry import Entry
from modelctl.check.found import Found, Spot, nearest
from modelctl.check.subject import Kind, Subject
from modelctl.litellm_spec import known_keys, lookup
from modelctl.litellm_spec.price_map import price_map

SEVERITY = "error"
EMITTED_BY = "modelctl.catalog.env_overlay"

_SERVERS = re.compile(
    r"perplexity|anyscale|deepinfra|mistral\.ai|groq\.com|nvidia\.com|cerebras|baseten|sambanova|ai21\.com|deepseek\.com"
    r"|together\.|friendli|galadriel|api\.llama\.com|featherless|nscale|nebius|aliyuncs|modelscope|moonshot|minimax"
    r"|publicai|synthetic\.new|stima|nano-gpt|poe\.com|chutes|v0\.dev|lambda\.ai|inceptionlabs|hyperbolic|vercel|helicone"
    r"|edenai|wandb|clarifai|libertai|pinstripes|api\.meta\.ai|sailresearch|cognition|cortecs|scx\.ai|prisminference"
    r"|reka\.ai|gigachat|ollama\.com|x\.ai|morphllm|tensormesh|empower"
)


def entries(subject: Subject) -> Iterator[Found]:
    known = known_keys.providers()
    for entry in subject.entries:
        if entry.provider in known or entry.doubtful:
            continue
        if not _resolves(entry, subject):
            yield _found(entry, subject.kind)


def _resolves(entry: Entry, subject: Subject) -> bool:
    model, prefix = entry.model, entry.provider
    if not model or "$" in model or "{{" in model or model.startswith("os.environ/") or model == "*":
        return True
    if prefix and (prefix in subject.custom_prefixes or subject.settings.other("providers", prefix)):
        return True
    if entry.params.get("use_litellm_proxy") or _SERVERS.search(entry.api_base or ""):
        return True
    listed = price_map().get(model)
    if listed is not None and prefix:
        return True
    return not prefix and lookup.inferred_provider(model) is not None


_VENDORS = {
    "claude": "anthropic", "google": "gemini", "google_ai_studio": "gemini", "gpt": "openai", "chatgpt": "openai",
    "open_ai": "openai", "grok": "xai", "x-ai": "xai", "mistralai": "mistral", "llama": "meta_llama",
    "meta": "meta_llama", "aws": "bedrock", "amazon": "bedrock", "azure_openai": "azure", "azure-openai": "azure",
    "kimi": "moonshot", "qwen": "dashscope", "alibaba": "dashscope", "vertex": "vertex_ai", "vertexai": "vertex_ai",
    "hf": "huggingface", "together": "together_ai", "fireworks": "fireworks_ai", "nvidia": "nvidia_nim",
    "vllm": "hosted_vllm", "glm": "zai",
    "zhipu": "zai", "perplexity_ai": "perplexity", "llamacpp": "openai", "lmstudio": "lm_studio",
}  # fmt: skip
"""What people call a provider, and LiteLLM's prefix for it."""


def _found(entry: Entry, kind: Kind) -> Found:
    spot = entry.at("litellm_params", "model", value=True)
    retired = known_keys.retired(entry.model)
    listed = price_map().get(entry.model) or {}
    if entry.provider and not retired:
        text = f"LiteLLM has no provider `{entry.provider}`: it drops the deployment at start"
        meant = _VENDORS.get(entry.provider.lower())
        hint = _written(kind, meant, entry.model) if meant else nearest(entry.provider, known_keys.providers())
        if kind == "catalog" and (named := _of_provider(entry, spot)):
            return Found(text, named, hint, once=f"{text} {named.shown}")
        return Found(text, spot, hint)
    text = "no provider can be told from this name: LiteLLM drops the deployment at start"
    if retired:
        text = f"LiteLLM no longer knows this {retired.provider} model: it drops the deployment at start"
        return Found(text, spot, _prefixed(retired.provider, retired.successor or entry.model))
    provider = str(listed.get("litellm_provider") or "")
    return Found(
        text, spot, _prefixed(provider, entry.model) if provider in known_keys.providers() else "PROVIDER/MODEL"
    )


def _of_provider(entry: Entry, spot: Spot) -> Spot | None:
    """Where a catalog's provider says `litellm_provider`, when the name is from there and not from the model."""
    place = entry.at("litellm_provider", value=True)
    written = place.path[-1:] == ("litellm_provider",)
    return place if written and spot.path[-1:] != ("litellm_model",) else None


def _written(kind: Kind, provider: str, model: str) -> str:
    """A catalog takes a file's name for the provider, where it does not say one."""
    return f"litellm_provider: {provider}" if kind == "catalog" else f"model: {provider}/{model.partition('/')[2]}"


def _prefixed(provider: str, model: str) -> str:
    head = model.partition("/")[0]
    return f"model: {model if head in known_keys.providers() else f'{provider}/{model}'}"
