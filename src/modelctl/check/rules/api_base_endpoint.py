"""`api_base` ends in what LiteLLM appends by itself.

With `openai/` LiteLLM appends `/chat/completions`, with `ollama/` and `ollama_chat/` `/api/...`, with `anthropic/`
`/v1/messages`: each call goes to an address that does not exist.

Before:

    litellm_params:
      model: openai/qwen3
      api_base: http://vllm:8000/v1/chat/completions

After:

    litellm_params:
      model: openai/qwen3
      api_base: http://vllm:8000/v1
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from modelctl.check.found import Found
from modelctl.check.subject import Subject

SEVERITY = "warning"
_ENDPOINT = re.compile(r"/(?:chat/completions|completions|embeddings|responses)/?$")
_V1 = re.compile(r"/v1/?$")
_APPENDED = {
    "openai": (_ENDPOINT, "/chat/completions"),
    "text-completion-openai": (_ENDPOINT, "/completions"),
    "custom_openai": (_ENDPOINT, "/chat/completions"),
    "ollama": (_V1, "/api/generate"),
    "ollama_chat": (_V1, "/api/chat"),
    "anthropic": (_V1, "/v1/messages"),
}


def entries(subject: Subject) -> Iterator[Found]:
    for entry in subject.entries:
        appended = _APPENDED.get(entry.provider)
        base = entry.api_base if appended else None
        if appended and base and (end := appended[0].search(base)):
            found = end[0].rstrip("/")
            path = found if found == "/embeddings" else appended[1]
            text = f"LiteLLM appends `{path}` to `api_base`, which already ends in `{found}`"
            yield Found(text, entry.at("litellm_params", entry.base_key, value=True), base[: end.start()])
