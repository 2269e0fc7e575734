"""A chat model of Ollama's is called through its older completion interface.

With `ollama/` LiteLLM turns the messages into one text; with `ollama_chat/` it hands them on as they are, with tools
and images. LiteLLM's documentation recommends `ollama_chat/` for chat.

Before:

    litellm_params:
      model: ollama/llama3.1

After:

    litellm_params:
      model: ollama_chat/llama3.1
"""

from __future__ import annotations

from collections.abc import Iterator

from modelctl.check.found import Found
from modelctl.check.subject import Subject

SEVERITY = "info"


def entries(subject: Subject) -> Iterator[Found]:
    for entry in subject.entries:
        if (
            entry.model.startswith("ollama/")
            and entry.info.get("mode", "chat") == "chat"
            and "embed" not in entry.model
        ):
            text = "for chat LiteLLM recommends `ollama_chat/`, which hands messages and tools on as they are"
            yield Found(text, entry.at("litellm_params", "model", value=True))
