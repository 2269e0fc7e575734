"""A vector store on which LiteLLM does not start.

Each item of `vector_store_registry` has `litellm_params` with a `vector_store_id` and a `custom_llm_provider`.

Before:

    vector_store_registry:
      - vector_store_name: handbook
        vector_store_id: T37J8R4WTM

After:

    vector_store_registry:
      - vector_store_name: handbook
        litellm_params: {vector_store_id: T37J8R4WTM, custom_llm_provider: bedrock}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from modelctl.check import listed
from modelctl.check.found import Found
from modelctl.check.listed import ENDS
from modelctl.check.subject import Subject

SEVERITY = "error"
_HINT = "{vector_store_name: NAME, litellm_params: {vector_store_id: ID, custom_llm_provider: openai}}"


def whole(subject: Subject) -> Iterator[Found]:
    yield from listed.misshapen(subject, "vector_store_registry", _HINT)
    for store, spot in listed.items(subject, "vector_store_registry"):
        params = store.get("litellm_params")
        if not isinstance(params, Mapping):
            yield Found(f"a vector store has a mapping `litellm_params`: {ENDS}", spot, _HINT)
            continue
        for key in ("vector_store_id", "custom_llm_provider"):
            if params.get(key) is None:
                text = f"`litellm_params` of a vector store has a `{key}`: {ENDS}"
                yield Found(text, spot.inside("litellm_params"), _HINT)
