"""`drop_params: true` hides mistakes in requests.

LiteLLM then leaves out, without a word, every parameter that a provider does not know: a misspelt `temperature`, a
`response_format` that the model cannot do. Clients get an answer and believe that it was made as they asked. Say on
single models what may be dropped instead.

Before:

    litellm_settings:
      drop_params: true

After:

    model_list:
      - model_name: gpt-6-sol
        litellm_params:
          model: openai/gpt-6-sol
          additional_drop_params: [temperature]
"""

from __future__ import annotations

from collections.abc import Iterator

from modelctl.check.found import Found
from modelctl.check.subject import Subject

SEVERITY = "info"


def whole(subject: Subject) -> Iterator[Found]:
    if subject.section("litellm_settings").get("drop_params") is True:
        text = "`drop_params` drops parameters that a provider does not know without a word, misspelt ones too"
        yield Found(text, subject.at("litellm_settings", "drop_params"))
