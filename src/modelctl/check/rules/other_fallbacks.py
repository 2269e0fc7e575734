"""Fallbacks of one name are written twice.

LiteLLM looks for the first that fits and never sees the second. In a catalog this happens to models that share a
public name: the chain of the first counts for the whole group.

Before:

    fallbacks:
      - gpt: [claude]
      - gpt: [gemini]

After:

    fallbacks:
      - gpt: [claude, gemini]
"""

from __future__ import annotations

from collections.abc import Iterator

from modelctl.check.entry import Chain
from modelctl.check.found import Found
from modelctl.check.subject import Subject

SEVERITY = "warning"
EMITTED_BY = "modelctl.check.of_catalog"


def whole(subject: Subject) -> Iterator[Found]:
    if subject.kind == "catalog":  # checks.references knows the members of a group
        return
    first: dict[tuple[str, str], Chain] = {}
    for chain in subject.chains:
        other = first.setdefault((chain.kind, chain.name), chain)
        if other is not chain and chain.kind != "default_fallbacks" and _same_section(chain, other):
            yield Found(f"`{chain.name}` has {chain.kind} already, at {other.spot.shown}: those count", chain.spot)


def _same_section(one: Chain, other: Chain) -> bool:
    return one.spot.path[0] == other.spot.path[0]
