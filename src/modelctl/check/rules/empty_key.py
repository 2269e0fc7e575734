"""No key beside an `api_base`: the provider's own key goes to that server.

To LiteLLM an empty key is no key, and so is one that a named credential does not hold: it takes the provider's
variable (`OPENAI_API_KEY`, ...) and sends what stands in it to the `api_base`. For a server without keys write any
word. Where no key is written at all this is a remark: whoever sets the variable for that server alone means it so.

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

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from modelctl.check.entry import Entry
from modelctl.check.found import Found
from modelctl.check.subject import Subject

SEVERITY = "warning"
_SENT = "LiteLLM sends the provider's own key from the environment to this `api_base`"
_OWN_HOSTS = (".openai.com", ".azure.com", "localhost", "127.0.0.1", "::1")


def entries(subject: Subject) -> Iterator[Found]:
    for entry in subject.entries:
        params = entry.params
        if not entry.api_base or params.get("litellm_credential_name") or params.get("api_key"):
            continue
        if "api_key" in params:
            text = f"an empty key is none: {_SENT}"
            yield Found(text, entry.at("litellm_params", "api_key", value=True), "api_key: none")
        elif "litellm_credential_name" in params:
            text = f"an empty name is no credential: {_SENT}"
            yield Found(text, entry.at("litellm_params", "litellm_credential_name", value=True), "api_key: none")
        elif entry.provider == "openai" and _is_foreign(entry.api_base):
            text = "no `api_key`: LiteLLM sends OPENAI_API_KEY to this `api_base`"
            spot = entry.at("litellm_params", entry.base_key, value=True)
            yield Found(text, spot, "api_key: none", "info", once=text)


def _is_foreign(base: str) -> bool:
    host = urlsplit(base).hostname if base.startswith(("http://", "https://")) else None
    return host is not None and not f".{host}".endswith(_OWN_HOSTS) and "$" not in base and "{" not in base


def whole(subject: Subject) -> Iterator[Found]:
    names = (entry.params["litellm_credential_name"] for entry in subject.with_credential if _has_no_key(entry))
    keyless = {name for name in names if isinstance(name, str)}
    written = subject.sections.get("credential_list") if keyless else None
    for index, each in enumerate(written if isinstance(written, list) else ()):
        name, values = (
            each.get(f"credential_{key}") if isinstance(each, Mapping) else None for key in ("name", "values")
        )
        if not isinstance(values, Mapping) or not isinstance(name, str) or name not in keyless:
            continue
        if values.get("api_base") and not values.get("api_key") and not _other_way_in(values):
            text = f"the credential `{name}` has no `api_key`: {_SENT}"
            spot = subject.at("credential_list", index, "credential_values", "api_base")
            yield Found(text, spot, "api_key: none")


def _has_no_key(entry: Entry) -> bool:
    return not entry.params.get("api_key") and not _other_way_in(entry.params)


def _other_way_in(values: Mapping[str, Any]) -> bool:
    """A token, a role or a certificate in place of a key."""
    return any(key.startswith(("azure_ad_", "client_", "tenant_", "aws_", "vertex_", "token")) for key in values)
