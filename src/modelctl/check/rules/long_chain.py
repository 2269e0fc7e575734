"""A chain of fallbacks is longer than LiteLLM goes.

It stops after five (`ROUTER_MAX_FALLBACKS`); what stands behind is never tried.

Before:

    fallbacks:
      - gpt: [one, two, three, four, five, six]

After:

    fallbacks:
      - gpt: [one, two, three, four, five]
"""

from __future__ import annotations

from collections.abc import Iterator

from modelctl.check.found import Found
from modelctl.check.subject import Subject

SEVERITY = "warning"
MAX_HOPS = 5
"""LiteLLM's ROUTER_MAX_FALLBACKS."""


def whole(subject: Subject) -> Iterator[Found]:
    most = subject.section("router_settings").get("max_fallbacks")
    limit = most if isinstance(most, int) and not isinstance(most, bool) else MAX_HOPS
    for chain in subject.chains:
        if len(chain.steps) > limit and (number := len(set(chain.names))) > limit:
            yield Found(f"{chain.owner} has {number} fallbacks; LiteLLM stops after {limit}", chain.spot)
