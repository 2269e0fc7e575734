"""A public name does not look as the organisation's names do.

`name_pattern` in modelctl.yaml is a regular expression for the whole name.

Before (with `name_pattern: "[a-z0-9.-]+"`):

    - model_name: GPT_5_mini

After:

    - model_name: gpt-6-luna
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from modelctl.check.found import Found
from modelctl.check.subject import Subject

SEVERITY = "error"


def entries(subject: Subject) -> Iterator[Found]:
    if not subject.settings.name_pattern:
        return
    pattern = re.compile(subject.settings.name_pattern)
    for entry in subject.entries:
        if not pattern.fullmatch(entry.group):
            text = f"the name `{entry.group}` does not match `{pattern.pattern}` of modelctl.yaml"
            yield Found(text, entry.at("model_name"))
