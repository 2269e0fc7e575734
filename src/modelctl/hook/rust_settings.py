"""The settings of LiteLLM's Router since 1.110, as its start sets them: assigned ones mean less."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping
from functools import reduce
from types import MappingProxyType
from typing import Any

# router_settings key -> fields of the core's resolved settings.
RESOLVED: dict[str, tuple[str, ...]] = {
    "allowed_fails": ("allowed_fails", "explicit_allowed_fails"),
    "allowed_fails_policy": ("allowed_fails_policy",),
    "cooldown_time": ("cooldown_time",),
    "enable_pre_call_checks": ("enable_pre_call_checks",),
    "enable_tag_filtering": ("enable_tag_filtering",),
    "max_fallbacks": ("max_fallbacks",),
    "model_group_retry_policy": ("model_group_retry_policy",),
    "num_retries": ("num_retries",),
    "retry_after": ("retry_after",),
    "retry_policy": ("retry_policy",),
    "stream_timeout": (),
    "tag_filtering_match_any": ("tag_filtering_match_any",),
    "timeout": ("timeout",),
}
# ... -> other attributes of the core, from which requests read the setting.
ATTRIBUTES: dict[str, tuple[str, ...]] = {
    "cooldown_time": ("_cooldown_given", "_cooldowns.default_cooldown_time"),
    "stream_timeout": ("_endpoints._stream_timeout",),
    "timeout": ("_request_timeout", "_endpoints._explicit_timeout", "_endpoints._request_timeout"),
}
# ... -> what the core keeps as plain values.
PLAIN = ("model_group_retry_policy", "retry_policy")


def take_settings(ours: Any, theirs: Any, keys: Collection[str], given: Mapping[str, Any]) -> None:
    """Let the core `ours` have these settings as `theirs` has them, which was made of `given`."""
    fields = {name: getattr(theirs._resolved, name) for key in keys for name in RESOLVED[key]}
    given_now = {key: given[key] for key in keys if key in given}
    written = {key: value for key, value in theirs._resolved.given.items() if key in keys}
    ours._resolved = dataclasses.replace(
        ours._resolved, given=MappingProxyType({**ours._resolved.given, **written}), **fields
    )
    for key in keys:
        for path in ATTRIBUTES.get(key, ()):
            *owners, attribute = path.split(".")
            here, there = (reduce(getattr, owners, core) for core in (ours, theirs))
            setattr(here, attribute, getattr(there, attribute))
        if key in PLAIN:
            ours._plain[key] = theirs._plain[key]
    arguments = {key: value for key, value in ours._config.arguments.items() if key not in keys}
    ours._config = dataclasses.replace(ours._config, arguments=MappingProxyType({**arguments, **given_now}))
    ours._settings = None
    ours._rebuild()
