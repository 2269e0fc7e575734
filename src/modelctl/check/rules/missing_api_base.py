"""An Ollama model has no `api_base`.

LiteLLM then starts a program of its own, `ollama serve`, beside the proxy, and calls localhost, which inside a
container is the container. It does so for every model string with `ollama` in it.

Before:

    litellm_params:
      model: ollama_chat/llama3.1

After:

    litellm_params:
      model: ollama_chat/llama3.1
      api_base: os.environ/OLLAMA_BASE_URL
"""

from __future__ import annotations

from collections.abc import Iterator

from modelctl.check.found import Found
from modelctl.check.subject import Subject

SEVERITY = "warning"


def entries(subject: Subject) -> Iterator[Found]:
    severity = "error" if subject.kind == "catalog" else None
    for entry in subject.entries:
        if not entry.doubtful and "ollama" in entry.model and entry.params.get("api_base") is None:
            text = "no `api_base`: LiteLLM would start `ollama serve` by itself and call localhost"
            spot = entry.at("litellm_params", "model")
            yield Found(text, spot, "api_base: os.environ/OLLAMA_BASE_URL", severity)  # type: ignore[arg-type]
