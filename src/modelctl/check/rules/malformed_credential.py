"""An entry of `credential_list` has a shape on which LiteLLM does not start.

`credential_name`, `credential_values` (what a model takes over: `api_key`, `api_base`, ...) and `credential_info` are
all required.

Before:

    credential_list:
      - credential_name: team
        api_key: os.environ/OPENAI_API_KEY

After:

    credential_list:
      - credential_name: team
        credential_values: {api_key: os.environ/OPENAI_API_KEY}
        credential_info: {}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from modelctl.check.found import Found
from modelctl.check.subject import Subject

SEVERITY = "error"
_HINT = "{credential_name: NAME, credential_values: {api_key: os.environ/NAME}, credential_info: {}}"


def whole(subject: Subject) -> Iterator[Found]:
    written = subject.sections.get("credential_list")
    if written and not isinstance(written, list):
        yield Found("`credential_list` is a list: LiteLLM does not start", subject.at("credential_list"), f"- {_HINT}")
    for index, each in enumerate(written if isinstance(written, list) else ()):
        spot = subject.at("credential_list", index)
        if not isinstance(each, Mapping) or not isinstance(each.get("credential_name"), str):
            yield Found("a credential has a `credential_name`: LiteLLM does not start", spot, _HINT)
            continue
        for key in ("credential_values", "credential_info"):
            if not isinstance(each.get(key), Mapping):
                text = f"the credential `{each['credential_name']}` has no mapping `{key}`: LiteLLM does not start"
                yield Found(text, spot, _HINT)
                break
