"""A model names a credential that `credential_list` does not hold.

LiteLLM says nothing and goes on without it: it takes the provider's own variable (`OPENAI_API_KEY`, ...) and sends that
key to the `api_base` that stands there. With `store_model_in_db` the credential may be in the database: then this is a
warning.

Before:

    model_list:
      - model_name: qwen
        litellm_params: {model: openai/qwen3, api_base: "http://vllm:8000/v1", litellm_credential_name: taem}
    credential_list:
      - {credential_name: team, credential_values: {api_key: os.environ/VLLM_KEY}, credential_info: {}}

After:

    model_list:
      - model_name: qwen
        litellm_params: {model: openai/qwen3, api_base: "http://vllm:8000/v1", litellm_credential_name: team}
    credential_list:
      - {credential_name: team, credential_values: {api_key: os.environ/VLLM_KEY}, credential_info: {}}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from modelctl.check.found import Found, nearest
from modelctl.check.subject import Subject
from modelctl.errors import Severity
from modelctl.litellm_spec import lookup

SEVERITY = "error"


def whole(subject: Subject) -> Iterator[Found]:
    used = [(entry, entry.params["litellm_credential_name"]) for entry in subject.with_credential]
    if not used:
        return
    written = subject.sections.get("credential_list")
    known = {str(each.get("credential_name")) for each in written or () if isinstance(each, Mapping)}
    in_database = subject.open or bool(subject.section("general_settings").get("store_model_in_db"))
    severity: Severity = "warning" if in_database else "error"
    for entry, name in used:
        if isinstance(name, str) and name not in known and not lookup.is_put_off(name):
            text = f"`credential_list` has no `{name}`: LiteLLM would take the provider's own key for `{entry.group}`"
            spot = entry.at("litellm_params", "litellm_credential_name", value=True)
            yield Found(text, spot, nearest(name, known), severity)
