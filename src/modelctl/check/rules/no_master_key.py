"""The config names no master key.

LiteLLM takes it from the variable `LITELLM_MASTER_KEY` then, and refuses to start without one. Saying so in the file
shows that a key is expected.

Before:

    model_list: []

After:

    model_list: []
    general_settings:
      master_key: os.environ/LITELLM_MASTER_KEY
"""

from __future__ import annotations

from collections.abc import Iterator

from modelctl.check.found import Found
from modelctl.check.subject import Subject

SEVERITY = "info"
INPUTS = ("config",)


def whole(subject: Subject) -> Iterator[Found]:
    if not subject.section("general_settings").get("master_key"):
        text = "no `master_key`: LiteLLM starts only with `LITELLM_MASTER_KEY` in its environment"
        yield Found(
            text, subject.at("general_settings"), "general_settings: {master_key: os.environ/LITELLM_MASTER_KEY}"
        )
