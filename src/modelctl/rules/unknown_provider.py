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

from modelctl import data
from modelctl.catalog.facts import price_map
from modelctl.rules.subject import Entry, Found, Subject, nearest

SEVERITY = "error"

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

_BY_NAME = re.compile(
    r"ft:gpt-3\.5-turbo|ft:gpt-4|^gpt-image|^(?:dall-e-[23]|sora-2|maritalk|petals-team/StableBeluga2|\*)$|^embed-"
    r"|^(?:[a-z-]+\.)?(?:amazon|ai21|anthropic|cohere|meta|mistral|deepseek|qwen|openai)\."
)
"""Names that LiteLLM's code itself ties to a provider; the last line are Bedrock's."""
_SERVERS = re.compile(
    r"perplexity|anyscale|deepinfra|mistral\.ai|groq\.com|nvidia\.com|cerebras|baseten|sambanova|ai21\.com|deepseek\.com"
    r"|together\.|friendli|galadriel|api\.llama\.com|featherless|nscale|nebius|aliyuncs|modelscope|moonshot|minimax"
    r"|publicai|synthetic\.new|stima|nano-gpt|poe\.com|chutes|v0\.dev|lambda\.ai|inceptionlabs|hyperbolic|vercel|helicone"
    r"|edenai|wandb|clarifai|libertai|pinstripes|api\.meta\.ai|sailresearch|cognition|cortecs|scx\.ai|prisminference"
    r"|reka\.ai|gigachat|ollama\.com|x\.ai|morphllm|tensormesh|empower"
)


def entries(subject: Subject) -> Iterator[Found]:
    known = data.providers()
    for entry in subject.entries:
        if entry.provider in known or entry.doubtful:
            continue
        if not _resolves(entry, subject):
            yield _found(entry)


def _resolves(entry: Entry, subject: Subject) -> bool:
    model, prefix = entry.model, entry.provider
    if not model or "$" in model or "{{" in model or model.startswith("os.environ/") or model == "*":
        return True
    if prefix and (prefix in subject.custom_prefixes or subject.settings.other("providers", prefix)):
        return True
    if entry.params.get("use_litellm_proxy") or _SERVERS.search(entry.api_base or ""):
        return True
    listed = price_map().get(model)
    if listed is not None and (prefix or listed.get("litellm_provider") in BARE):
        return True
    return not prefix and (bool(_BY_NAME.search(model)) or _generalized(model))


def _generalized(model: str) -> bool:
    """The map's own rules for names that it does not list (`claude-<family>-<n>`)."""
    rules = (price_map().get("fallback_generalizations") or {}).get("rules") or ()
    routing = (rule for rule in rules if (rule.get("model_info") or {}).get("litellm_provider"))
    return any(re.search(rule["pattern"], model, re.IGNORECASE) for rule in routing)


def _found(entry: Entry) -> Found:
    spot = entry.at("litellm_params", "model", value=True)
    retired = data.retired(entry.model)
    listed = price_map().get(entry.model) or {}
    if entry.provider and not retired:
        text = f"LiteLLM has no provider `{entry.provider}`: it drops the deployment at start"
        return Found(text, spot, nearest(entry.provider, data.providers()))
    text = "no provider can be told from this name: LiteLLM drops the deployment at start"
    if retired:
        text = f"LiteLLM no longer knows this {retired.provider} model: it drops the deployment at start"
        return Found(text, spot, _prefixed(retired.provider, retired.successor or entry.model))
    provider = str(listed.get("litellm_provider") or "")
    return Found(text, spot, _prefixed(provider, entry.model) if provider in data.providers() else "PROVIDER/MODEL")


def _prefixed(provider: str, model: str) -> str:
    head = model.partition("/")[0]
    return f"model: {model if head in data.providers() else f'{provider}/{model}'}"
