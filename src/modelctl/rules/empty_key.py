"""An empty `api_key` beside an `api_base`: the provider's own key goes to that server.

To LiteLLM an empty key is no key: it takes the provider's variable (`OPENAI_API_KEY`, ...) and sends what stands in it
to the `api_base`. For a server without keys write any word.

Before:

    litellm_params:
      model: openai/qwen3
      api_base: http://vllm:8000/v1
      api_key: ""

After:

    litellm_params:
      model: openai/qwen3
      api_base: http://vllm:8000/v1
      api_key: none
"""

from __future__ import annotations

from collections.abc import Iterator

from modelctl.rules.subject import Found, Subject

SEVERITY = "warning"


def entries(subject: Subject) -> Iterator[Found]:
    for entry in subject.entries:
        if entry.params.get("api_key") == "" and entry.api_base and not entry.params.get("litellm_credential_name"):
            text = "an empty key is none: LiteLLM sends the provider's own key from the environment to this `api_base`"
            yield Found(text, entry.at("litellm_params", "api_key", value=True), "api_key: none")
