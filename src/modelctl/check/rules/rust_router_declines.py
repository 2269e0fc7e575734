"""A number that the Rust router does not take (since LiteLLM 1.110.0).

LiteLLM's router runs in Rust only since 1.110.0, and the start fails where a count is below zero or no whole number,
or where any number of a model's entry is outside of 64 bits. Earlier releases took a negative count as none at all,
looked at `max_parallel_requests` only with a first request, and kept numbers of any size. A price that is
written as the text `inf` or `nan` leaves the deployment out without a word.

Before:

    model_list:
      - model_name: gpt
        litellm_params: {model: openai/gpt-6-luna, api_key: os.environ/OPENAI_API_KEY, max_parallel_requests: -1}
    router_settings:
      retry_policy: {TimeoutErrorRetries: -1}

After:

    model_list:
      - model_name: gpt
        litellm_params: {model: openai/gpt-6-luna, api_key: os.environ/OPENAI_API_KEY}
    router_settings:
      retry_policy: {TimeoutErrorRetries: 0}
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from yaml.nodes import Node

from modelctl.check.found import Found
from modelctl.check.subject import Subject
from modelctl.check.values import walk

if TYPE_CHECKING:
    from modelctl.check.fixable import At

SEVERITY = "error"
SINCE = "1.110.0"
_POLICIES = ("retry_policy", "allowed_fails_policy")
_COUNTS = ("max_parallel_requests",)  # no text, no fraction
_LIMITS = ("default_api_key_rpm_limit", "default_api_key_tpm_limit")  # not below zero
_TOPS = ("rpm", "tpm")  # beside `litellm_params`: a number or a text
_INTEGERS = range(-(2**63), 2**64)
_POLICY_COUNTS = range(2**32)


def entries(subject: Subject) -> Iterator[Found]:
    for entry in subject.entries:
        sides = (("litellm_params", entry.params), ("model_info", entry.info), *entry.extra.items())
        for path, value in (found for side, values in sides for found in walk(values, (side,))):
            if why := _declined(path, value):
                yield Found(_text(str(path[-1]), value, why), entry.at(*path, value=True), _HINTS.get(str(path[-1])))
        for name in _TOPS:
            if isinstance(value := entry.extra.get(name), bool | list | Mapping):
                yield Found(_text(name, value, "takes a number here"), entry.at(name, value=True), "remove it")


def whole(subject: Subject) -> Iterator[Found]:
    router = subject.section("router_settings")
    groups = router.get("model_group_retry_policy")
    policies: list[tuple[tuple[str, ...], Any]] = [((name,), router.get(name)) for name in _POLICIES]
    policies += [(("model_group_retry_policy", name), each) for name, each in _items(groups)]
    for path, policy in policies:
        for name, count in _items(policy):
            if (number := _whole(count)) is not None and number not in _POLICY_COUNTS:
                spot = subject.at("router_settings", *path, name, value=True)
                why, hint = (_FROM_ZERO, "0") if number < 0 else ("counts to 4294967295", None)
                yield Found(_text(name, count, why), spot, hint)
    if isinstance(router.get("cooldown_time"), bool):
        spot = subject.at("router_settings", "cooldown_time", value=True)
        yield Found(_text("cooldown_time", router["cooldown_time"], "takes a number of seconds"), spot)


_FROM_ZERO = "takes whole numbers from zero on"
_HINTS = dict.fromkeys(_COUNTS, "remove it")


def _declined(path: tuple[str | int, ...], value: object) -> str | None:
    """Why LiteLLM's router does not take a value. References are looked up before it is built: they say nothing."""
    name = path[-1] if len(path) == 2 and path[0] == "litellm_params" else None
    if name in _COUNTS and value is not None and not _is_reference(value):
        return None if _is_count(value) else _FROM_ZERO
    if name in _LIMITS and (_whole(value) or 0) < 0:
        return _FROM_ZERO
    if isinstance(value, int) and value not in _INTEGERS:
        return "holds numbers of 64 bits"
    if len(path) == 2 and "cost" in str(path[-1]) and _is_endless(value):
        return _PRICE
    return None


_PRICE = "leaves out a deployment with such a price"


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_reference(value: object) -> bool:
    return isinstance(value, str) and value.startswith("os.environ/")


def _is_endless(value: object) -> bool:
    """A text such as `inf`; a number such as `.inf` is a bad value on every line."""
    try:
        return isinstance(value, str) and not math.isfinite(float(value))
    except ValueError:
        return False


def _whole(value: object) -> int | None:
    """As LiteLLM reads a count: a text of digits too."""
    if isinstance(value, str):
        return int(value) if re.fullmatch(r"\s*[+-]?\d{1,40}\s*", value) else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _items(value: object) -> Iterable[tuple[Any, Any]]:
    return value.items() if isinstance(value, Mapping) else ()


def _text(name: str, value: object, why: str) -> str:
    if why is _PRICE:
        return f"LiteLLM leaves the deployment out since {SINCE}: `{name}: {value}` is no price that its router takes"
    return f"LiteLLM does not start on `{name}: {value}` since {SINCE}: its router {why}"


def fix(at: At) -> tuple[Node, str] | None:
    """A count below zero is none at all: no retries, and no limit."""
    if not re.fullmatch(r"-\d+", at.plain(at.node) or ""):
        return None
    if at.key in _COUNTS:
        return at.node, "null"
    return (at.node, "0") if str(at.key).endswith(("Retries", "AllowedFails")) else None
