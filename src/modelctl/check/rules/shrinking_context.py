"""A fallback holds less than the model that it stands in for.

Requests that fit the first model may be too long for the second, and fail there with another error than the one that
started the fallback. Under `context_window_fallbacks` it defeats the purpose: those are tried because the request was
too long (a warning); elsewhere it is a remark when the fallback holds less than half.

Before:

    context_window_fallbacks:
      - gpt-4.1: [gpt-4o]

After:

    context_window_fallbacks:
      - gpt-4o: [gpt-4.1]
"""

from __future__ import annotations

from collections.abc import Iterator

from modelctl.check.found import Found
from modelctl.check.subject import Subject

SEVERITY = "warning"


def whole(subject: Subject) -> Iterator[Found]:
    targets = {alias.name: alias.target for alias in subject.aliases}
    for chain in subject.chains:
        before = _context(subject, targets.get(chain.name, chain.name))
        for name, spot in chain.steps if before else ():
            after = _context(subject, targets.get(name, name))
            too_long = chain.kind == "context_window_fallbacks"
            if not before or not after or after >= before or name == chain.name:
                continue
            text = f"`{name}` holds {after:,} tokens, `{chain.name}` {before:,}"
            if too_long:
                yield Found(f"{text}: what is too long for the one is for the other too", spot)
            elif after * 2 < before:
                yield Found(f"{text}: longer requests will fail there", spot, severity="info")


def _context(subject: Subject, name: str) -> int | None:
    """Of a group, what all members hold."""
    known = [entry.context for entry in subject.groups.get(name, ())]
    return min((each for each in known if each), default=None) if all(known) else None
