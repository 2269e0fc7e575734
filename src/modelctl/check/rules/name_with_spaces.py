"""A public name has spaces in it.

It works: clients send it as it is. Many of them cannot be told such a name (environment variables, URLs, command lines
split it), and it has to be quoted wherever it is written.

Before:

    - model_name: GPT-5 mini

After:

    - model_name: gpt-6-luna
"""

from __future__ import annotations

from collections.abc import Iterator

from modelctl.check.found import Found
from modelctl.check.subject import Subject

SEVERITY = "info"


def entries(subject: Subject) -> Iterator[Found]:
    for entry in subject.entries:
        if " " in entry.group.strip() or entry.group != entry.group.strip():
            yield Found(f"the public name `{entry.group}` has spaces in it", entry.at("model_name"))
