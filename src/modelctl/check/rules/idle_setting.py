"""A setting that does nothing, since another section says the same and counts.

LiteLLM's Router takes `num_retries`, `allowed_fails`, `max_fallbacks` and fallbacks from `router_settings`; what
`litellm_settings` says of them counts only where `router_settings` says nothing.

Before:

    litellm_settings: {num_retries: 5}
    router_settings: {num_retries: 2}

After:

    router_settings: {num_retries: 2}
"""

from __future__ import annotations

from collections.abc import Iterator

from modelctl.check.found import Found
from modelctl.check.subject import Subject
from modelctl.litellm_spec.config import DEFAULT_FALLBACKS, FALLBACK_KINDS

SEVERITY = "warning"
_NUMBERS = ("num_retries", "allowed_fails", "max_fallbacks")
_CHAINS = (*FALLBACK_KINDS, DEFAULT_FALLBACKS)


def whole(subject: Subject) -> Iterator[Found]:
    router, general = subject.section("router_settings"), subject.section("litellm_settings")
    for key in (*_NUMBERS, *_CHAINS):
        counts = router.get(key) is not None if key in _NUMBERS else bool(router.get(key))
        if counts and general.get(key) is not None:
            text = f"`{key}` of `router_settings` counts: what `litellm_settings` says does nothing"
            yield Found(text, subject.at("litellm_settings", key))
