"""A model comes from a provider that the organisation does not allow.

`allowed_providers` in modelctl.yaml lists the prefixes of model strings that may be used.

Before (with `allowed_providers: [azure, bedrock]`):

    litellm_params:
      model: deepseek/deepseek-v4-pro

After:

    litellm_params:
      model: azure/gpt-6-luna
"""

from __future__ import annotations

from collections.abc import Iterator

from modelctl.check.found import Found
from modelctl.check.subject import Subject

SEVERITY = "error"


def entries(subject: Subject) -> Iterator[Found]:
    allowed = subject.settings.allowed_providers
    for entry in subject.entries if allowed else ():
        provider = entry.provider or str((entry.listed or {}).get("litellm_provider") or "")
        if provider not in allowed:
            text = f"provider `{provider or entry.model}` is not among those allowed: {', '.join(allowed)}"
            yield Found(text, entry.at("litellm_params", "model", value=True))
