"""A key that an earlier LiteLLM read and the present one does not.

It does nothing any more, without a word. The message names the last release (of those that were looked at) that knew
it; LiteLLM's release notes say what took its place, if anything did.

Before:

    litellm_settings:
      telemetry: false

After:

    litellm_settings: {}
"""

from __future__ import annotations

from collections.abc import Iterator

from modelctl.check import config_keys
from modelctl.check.found import Found
from modelctl.check.subject import Subject

SEVERITY = "warning"


def entries(subject: Subject) -> Iterator[Found]:
    for _, stray in config_keys.of_entries(subject):
        if stray.once:
            yield _found(stray)


def whole(subject: Subject) -> Iterator[Found]:
    for stray in config_keys.of_sections(subject):
        if stray.once:
            yield _found(stray)


def _found(stray: config_keys.Stray) -> Found:
    return Found(f"`{stray.key}` {stray.under} does nothing since LiteLLM {stray.once}", stray.spot, "remove it")
