"""Two deployments are the same, word for word.

LiteLLM gives them one id: they are one deployment, and at run time a ghost of the second stays behind that cannot be
removed. In a catalog this is an error, in a config file a warning, since the proxy does start on it.

Before:

    model_list:
      - model_name: gpt
        litellm_params: {model: openai/gpt-5-mini}
      - model_name: gpt
        litellm_params: {model: openai/gpt-5-mini}

After:

    model_list:
      - model_name: gpt
        litellm_params: {model: openai/gpt-5-mini}
"""

from __future__ import annotations

from collections.abc import Iterator

from modelctl.desired import digest
from modelctl.rules.subject import Found, Subject

SEVERITY = "error"


def whole(subject: Subject) -> Iterator[Found]:
    if subject.kind == "catalog":  # compiled deployments have their ids already: checks compares those
        return
    seen: set[str] = set()
    for entry in subject.entries:
        if entry.info.get("id") is None:
            key = digest([entry.group, entry.params, entry.info, entry.extra])
            if key in seen:
                text = f"an entry for `{entry.group}` is written twice, word for word: one deployment"
                yield Found(text, entry.at(), severity="warning")
            seen.add(key)
