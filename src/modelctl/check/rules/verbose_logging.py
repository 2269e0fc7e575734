"""`set_verbose: true` prints requests, with prompts and keys, to the log.

It is for a developer's machine. LiteLLM itself recommends the variable `LITELLM_LOG=DEBUG` instead while looking for a
mistake.

Before:

    litellm_settings:
      set_verbose: true

After:

    litellm_settings:
      set_verbose: false
"""

from __future__ import annotations

from collections.abc import Iterator

from modelctl.check.found import Found
from modelctl.check.subject import Subject

SEVERITY = "info"


def whole(subject: Subject) -> Iterator[Found]:
    for section in ("litellm_settings", "router_settings"):
        if subject.section(section).get("set_verbose") is True:
            text = "`set_verbose` prints every request, with prompts, to the log"
            yield Found(text, subject.at(section, "set_verbose"))
