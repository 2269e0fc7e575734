"""The config offers no model.

LiteLLM starts, and answers 400 to every request, unless models stand in its database (`store_model_in_db: true`, then
nothing is said).

Before:

    model_list: []

After:

    model_list:
      - model_name: gpt-6-luna
        litellm_params: {model: openai/gpt-6-luna}
"""

from __future__ import annotations

from collections.abc import Iterator

from modelctl.check.found import Found
from modelctl.check.subject import Subject

SEVERITY = "info"
INPUTS = ("config",)


def whole(subject: Subject) -> Iterator[Found]:
    if not subject.written and not subject.open and "include" not in subject.sections and not _is_part(subject):
        yield Found("the config offers no model", subject.at("model_list"))


def _is_part(subject: Subject) -> bool:
    """A fragment that other files include has few sections, and no settings of the proxy."""
    return not subject.has_key("model_list") and "general_settings" not in subject.sections
