"""Fallbacks lead in a circle.

`a` falls back to `b` and `b` to `a`: when both fail, LiteLLM goes round until it has tried five times, and the client
waits for all of it. A circle is harmless where the members fail for different reasons, hence a warning.

Before:

    fallbacks:
      - gpt-6-luna: [claude-haiku-4-5]
      - claude-haiku-4-5: [gpt-6-luna]

After:

    fallbacks:
      - gpt-6-luna: [claude-haiku-4-5, gemini-3-flash]
      - claude-haiku-4-5: [gemini-3-flash]
"""

from __future__ import annotations

from collections.abc import Iterator

from modelctl.check.entry import Chain
from modelctl.check.found import Found
from modelctl.check.graph import loops
from modelctl.check.subject import Subject

SEVERITY = "warning"


def whole(subject: Subject) -> Iterator[Found]:
    first: dict[str, Chain] = {}
    for chain in subject.chains:
        if chain.kind == "fallbacks":
            first.setdefault(chain.name, chain)
    for loop in loops({name: chain.names for name, chain in first.items()}):
        text = f"{' -> '.join(f'`{name}`' for name in (*loop, loop[0]))} is a loop of fallbacks"
        yield Found(text, first[loop[0]].spot)
