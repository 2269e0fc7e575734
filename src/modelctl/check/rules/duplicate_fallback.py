"""A chain of fallbacks names a model twice.

LiteLLM tries it once. The second place was probably meant for another.

Before:

    fallbacks:
      - gpt-6-luna: [claude-haiku-4-5, claude-haiku-4-5]

After:

    fallbacks:
      - gpt-6-luna: [claude-haiku-4-5, gemini-3-flash]
"""

from __future__ import annotations

from collections.abc import Iterator

from modelctl.check.found import Found
from modelctl.check.subject import Subject

SEVERITY = "warning"


def whole(subject: Subject) -> Iterator[Found]:
    for chain in subject.chains:
        seen: set[str] = set()
        for name, spot in chain.steps:
            if name in seen and name != chain.name:
                yield Found(f"`{name}` stands twice in this chain; LiteLLM tries it once", spot)
            seen.add(name)
