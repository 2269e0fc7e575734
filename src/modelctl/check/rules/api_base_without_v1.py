"""`api_base` of an OpenAI-compatible server has no path.

With the `openai/` prefix LiteLLM appends `/chat/completions` to `api_base` and nothing else. Most servers listen below
`/v1`, so each call answers 404.

Before:

    litellm_params:
      model: openai/local-model
      api_base: http://vllm:8000

After:

    litellm_params:
      model: openai/local-model
      api_base: http://vllm:8000/v1
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from modelctl.check.found import Found
from modelctl.check.subject import Subject

SEVERITY = "warning"
_BARE = re.compile(r"https?://[^/$\s]+/?")
_AT_THE_ROOT = re.compile(r"//(?:models\.inference\.ai\.azure\.com|api\.perplexity\.ai)/?$")
_PREFIXES = frozenset({"openai", "text-completion-openai", "custom_openai", "openai_like"})


def entries(subject: Subject) -> Iterator[Found]:
    for entry in subject.entries:
        base = entry.api_base
        if base and entry.provider in _PREFIXES and _BARE.fullmatch(base) and not _AT_THE_ROOT.search(base):
            text = "LiteLLM appends only `/chat/completions` here: most servers want `/v1` at the end"
            yield Found(text, entry.at("litellm_params", entry.base_key, value=True), f"{base.rstrip('/')}/v1")
