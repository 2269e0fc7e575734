"""LiteLLM's price map does not know this model of a provider whose models it lists.

It may be newer than the installed LiteLLM, your own, or misspelt. LiteLLM calls it all the same, but knows neither its
price (calls count as free) nor its context window or abilities. If the name is right, state the facts, or say with
`base_model` which model it is.

Before:

    litellm_params:
      model: openai/gpt-6-lunna

After:

    litellm_params:
      model: openai/gpt-6-luna
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from modelctl.check.entry import Entry
from modelctl.check.found import Found
from modelctl.check.rules.retired_model import gone
from modelctl.check.subject import Subject
from modelctl.litellm_spec import known_keys
from modelctl.litellm_spec.known_keys import Retired
from modelctl.litellm_spec.price_map import UNKNOWN, price_map
from modelctl.text.nearest import nearest

SEVERITY = "info"
_ANY_NAME = frozenset(
    {
        "azure", "azure_text", "custom_openai", "docker_model_runner", "hosted_vllm", "huggingface", "infinity",
        "lemonade", "litellm_proxy", "llamafile", "lm_studio", "ollama", "ollama_chat", "oobabooga", "openai_like",
        "replicate", "sagemaker", "sagemaker_chat", "triton", "vllm", "xinference",
    }
)  # fmt: skip
"""Servers of one's own, and clouds on which people name deployments themselves."""


def entries(subject: Subject) -> Iterator[Found]:
    for entry in subject.entries:
        if entry.doubtful or entry.facts is not UNKNOWN or entry.base_model or entry.wildcard:
            continue
        if known := entry.once:
            if not gone(entry):
                yield _listed_elsewhere(entry, known)
        elif _should_be_known(entry):
            text = "LiteLLM's price map does not know this model: price and limits are unknown"
            yield Found(text, entry.at("litellm_params", "model", value=True), _near(entry))


def _listed_elsewhere(entry: Entry, known: Retired) -> Found:
    spot = entry.at("litellm_params", "model", value=True)
    if known.why == "renamed":
        return Found("LiteLLM's price map has this model under another name", spot, f"`{known.successor}`")
    return Found(f"LiteLLM's price map lists none of {known.provider}'s models: the price is unknown", spot)


def _should_be_known(entry: Entry) -> bool:
    if entry.provider in _ANY_NAME or (entry.provider == "openai" and entry.api_base):
        return False
    if any("_cost" in key for key in (*entry.params, *entry.info)) or "$" in entry.model:
        return False
    return entry.provider in _listed()


def _near(entry: Entry) -> str | None:
    name = entry.model.partition("/")[2]
    near = nearest(name, list(_listed()[entry.provider])) if len(name) > 3 else None
    return f"did you mean `{entry.provider}/{near}`?" if near else None


@cache
def _listed() -> dict[str, list[str]]:
    """Provider -> names of its models."""
    found: dict[str, list[str]] = {}
    for name, facts in price_map().items():
        provider = facts.get("litellm_provider")
        if isinstance(provider, str) and provider in known_keys.providers():
            found.setdefault(provider, []).append(name.removeprefix(f"{provider}/"))
    return found
