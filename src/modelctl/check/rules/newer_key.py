"""A key that LiteLLM reads from a later line on.

The LiteLLM that is checked for (the installed one, or what `--litellm` names) does not read it; a later line does.
Upgrade LiteLLM, or leave the key out until then. In `litellm_params` an unknown key is sent to the provider.

Before (LiteLLM 1.106):

    router_settings:
      enable_mid_stream_fallback_continuation: true

After:

    router_settings: {}
"""

from __future__ import annotations

from collections.abc import Iterator

from modelctl.check import config_keys
from modelctl.check.found import Found
from modelctl.check.subject import Subject
from modelctl.litellm_spec.supported_lines import line_of, target

SEVERITY = "warning"


def entries(subject: Subject) -> Iterator[Found]:
    for _, stray in config_keys.of_entries(subject):
        yield from _found(stray)


def whole(subject: Subject) -> Iterator[Found]:
    for stray in config_keys.of_sections(subject):
        yield from _found(stray)


def _found(stray: config_keys.Stray) -> Iterator[Found]:
    if stray.later and not stray.once:
        text = (
            f"LiteLLM {line_of(target())} does not read `{stray.key}` {stray.under}: LiteLLM {stray.later} is the first"
        )
        yield Found(text, stray.spot, f"LiteLLM {stray.later} or later")
