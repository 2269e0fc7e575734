"""A model falls back to itself.

LiteLLM tries the same deployment again that has just failed: the error only comes later. Retries are what
`num_retries` is for.

Before:

    fallbacks:
      - gpt-6-luna: [gpt-6-luna, claude-haiku-4-5]

After:

    fallbacks:
      - gpt-6-luna: [claude-haiku-4-5]
"""

from __future__ import annotations

from collections.abc import Iterator

from modelctl.check.found import Found
from modelctl.check.subject import Subject

SEVERITY = "error"


def whole(subject: Subject) -> Iterator[Found]:
    severity = None if subject.kind == "catalog" else "warning"
    for chain in subject.chains:
        for name, spot in chain.steps:
            if name == chain.name:
                yield Found(f"`{name}` falls back to itself", spot, severity=severity)  # type: ignore[arg-type]
