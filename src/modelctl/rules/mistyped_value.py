"""A value of another kind than LiteLLM expects.

In `litellm_params` and `model_info` LiteLLM validates each entry: one that does not fit (`rpm: abc`, but also
`api_version: 20240101` without quotes, or `team_id: 7`) is dropped at start with one line in the log, and the proxy
calls itself healthy. Some of `router_settings` (a text for `routing_groups`) keep it from starting. Elsewhere the value
is taken as it is: where a number is expected, text fails in the requests that come to it (`timeout: soon` fails them
all), so that is an error too; the rest is a warning.

Before:

    model_list:
      - model_name: gpt
        litellm_params: {model: azure/gpt, api_version: 20240101}

After:

    model_list:
      - model_name: gpt
        litellm_params: {model: azure/gpt, api_version: "20240101"}
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from modelctl import data
from modelctl.errors import Severity
from modelctl.rules.subject import Entry, Found, Subject, nearest

if TYPE_CHECKING:
    from yaml.nodes import Node

    from modelctl.rules.fixes import At

SEVERITY = "error"
_INTEGER = re.compile(r"\s*[+-]?\d+(\.0*)?\s*")
_BOOLEAN = frozenset({"true", "false", "yes", "no", "on", "off", "t", "f", "y", "n", "1", "0"})
_LISTS_TOO = frozenset({"organization"})  # LiteLLM makes one deployment of each
_NUMBERS_TOO = frozenset({"id"})  # LiteLLM makes a text of it


def entries(subject: Subject) -> Iterator[Found]:
    sides = [(side, data.validated(side)) for side in ("litellm_params", "model_info")]
    for entry in subject.entries:
        for (side, validated), values in zip(sides, (entry.params, entry.info), strict=True):
            for key, value in values.items():
                kinds = validated.get(key, _ANYTHING)
                if value.__class__ is str and "str" in kinds:
                    continue  # most of what is written
                if kinds and (wrong := _wrong(kinds, key, value)):
                    spot = entry.at(side, key, value=True)
                    yield Found(f"`{key}` takes {wrong}: LiteLLM drops the deployment at start", spot)
        yield from _environments(entry)
        yield from _loosely(entry)


def _environments(entry: Entry) -> Iterator[Found]:
    written = entry.info.get("supported_environments")
    if written is None or _is_put_off(written):
        return
    if not isinstance(written, list) or any(each not in _ENVIRONMENTS and not _is_put_off(each) for each in written):
        text = f"`supported_environments` takes a list of {', '.join(_ENVIRONMENTS)}: LiteLLM drops the deployment"
        yield Found(f"{text} at start", entry.at("model_info", "supported_environments", value=True))


_ENVIRONMENTS = ("development", "staging", "production")


def _loosely(entry: Entry) -> Iterator[Found]:
    """What nobody validates, and what fails only in the requests."""
    for key in entry.params.keys() & _LOOSELY:
        value = entry.params[key]
        if key in _TIMES and not (_is_float(value) or _is_put_off(value)):
            spot = entry.at("litellm_params", key, value=True)
            yield Found(f"`{key}` takes a number of seconds: each request to it fails", spot)
        elif key in _LOOSE and (wrong := _wrong(data.type_of("litellm_params", key), key, value)):
            yield Found(f"`{key}` takes {wrong}", entry.at("litellm_params", key, value=True), severity="warning")


_ANYTHING: frozenset[str] = frozenset()
_TIMES = frozenset({"timeout", "stream_timeout", "request_timeout"})
_LOOSE = frozenset({"weight", "order", "max_tokens", "temperature", "top_p", "stream", "n", "num_retries"})
_LOOSELY = _TIMES | _LOOSE
_SECTIONS = ("litellm_settings", "router_settings", "general_settings")


def whole(subject: Subject) -> Iterator[Found]:
    for section in _SECTIONS:
        values = subject.sections.get(section)
        if values is not None and not isinstance(values, Mapping):
            if subject.kind == "config":  # a catalog's own schema says so
                yield Found(f"`{section}` takes a mapping", subject.at(section))
            continue
        for key, value in subject.section(section).items():
            kinds = data.type_of(section, key) if isinstance(key, str) else _ANYTHING
            wrong = "a number" if key in _TIMES and not _is_float(value) else _wrong(kinds, key, value)
            if wrong and key not in _ELSEWHERE and not _is_put_off(value):
                text, level = _how_bad(section, key, value, wrong)
                yield Found(f"`{key}` takes {wrong}{text}", subject.at(section, key, value=True), severity=level)
    yield from _policies(subject)
    strategy = subject.section("router_settings").get("routing_strategy")
    if isinstance(strategy, str) and "$" not in strategy and "/" not in strategy and strategy not in _strategies():
        text = f"LiteLLM has no routing strategy `{strategy}` and does not start; there are {', '.join(_strategies())}"
        spot = subject.at("router_settings", "routing_strategy", value=True)
        yield Found(text, spot, nearest(strategy, _strategies()))


# What the Router's own start reads, so that it fails there on another kind of value.
_AT_START = frozenset(
    {
        "alerting_config", "background_health_check_model_groups", "default_litellm_params",
        "model_group_affinity_config", "optional_pre_call_checks", "plugins", "provider_budget_config",
        "routing_groups", "routing_strategy",
    }
)  # fmt: skip


_TAKE_LETTERS = frozenset({"background_health_check_model_groups", "plugins"})  # each letter of a text as a name


def _how_bad(section: str, key: str, value: Any, wrong: str) -> tuple[str, Severity]:
    if section == "router_settings" and key in _AT_START:
        letters = isinstance(value, str) and key in _TAKE_LETTERS
        return (": LiteLLM does not start", "error") if value and not letters else ("", "warning")
    fraction = wrong == _NAMES["int"] and _is_float(value)  # taken as it is, since nothing counts with it
    return "", "error" if wrong in _NUMBERS and not fraction else "warning"


def _policies(subject: Subject) -> Iterator[Found]:
    for policy in ("retry_policy", "allowed_fails_policy"):
        counts = subject.section("router_settings").get(policy)
        for key, count in counts.items() if isinstance(counts, Mapping) else ():
            if wrong := _wrong(data.type_of(policy, str(key)), key, count):
                spot = subject.at("router_settings", policy, key, value=True)
                yield Found(f"`{key}` takes {wrong}: LiteLLM does not start", spot)


_ELSEWHERE = frozenset(
    {"model_group_alias", "fallbacks", "context_window_fallbacks", "content_policy_fallbacks", "default_fallbacks"}
)


@lru_cache(maxsize=1)
def _strategies() -> tuple[str, ...]:
    return tuple(sorted(data.values("routing_strategy")))


def _wrong(kinds: Collection[str], key: Any, value: Any) -> str | None:
    """What the key takes, if that is not what stands there."""
    if not kinds or _is_put_off(value) or (key in _LISTS_TOO and isinstance(value, list)):
        return None
    if key in _NUMBERS_TOO and isinstance(value, int):
        return None
    if any(_fits(kind, value) for kind in kinds):
        return None
    return " or ".join(_name(kind) for kind in sorted(kinds))


def _fits(kind: str, value: Any) -> bool:
    if kind.startswith("="):
        return bool(value == kind[1:])
    outer, _, inner = kind.removesuffix("]").partition("[")
    if not _FITS[outer](value):
        return False
    within = value.values() if isinstance(value, Mapping) else value
    return not inner or all(_FITS[inner](each) or (_is_put_off(each) and each is not None) for each in within)


def _name(kind: str) -> str:
    if kind.startswith("="):
        return f"`{kind[1:]}`"
    outer, _, inner = kind.removesuffix("]").partition("[")
    return f"{_NAMES[outer]} of {_MANY[inner]}" if inner else _NAMES[outer]


def _is_put_off(value: Any) -> bool:
    """Whether something else decides what stands there in the end."""
    return value is None or (isinstance(value, str) and ("os.environ/" in value or "$" in value or "{{" in value))


_NAMES = {
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "str": "text (in quotes)",
    "list": "a list",
    "dict": "a mapping",
    "time": "a date or a time",
}


_MANY = {"str": "texts (in quotes)", "dict": "mappings", "float": "numbers"}
_NUMBERS = frozenset({"a whole number", "a number", "a number or a whole number"})


def _is_int(value: Any) -> bool:
    if isinstance(value, str):
        return bool(_INTEGER.fullmatch(value))
    return isinstance(value, int) or (isinstance(value, float) and value.is_integer() and abs(value) < 2**63)


def _is_float(value: Any) -> bool:
    if not isinstance(value, str):
        return isinstance(value, int | float)
    try:
        float(value)
    except ValueError:
        return False
    return True


def _is_bool(value: Any) -> bool:
    return isinstance(value, bool) or str(value).lower() in _BOOLEAN


def _is_time(value: Any) -> bool:
    """A date, seconds since 1970, or a text of either."""
    if isinstance(value, str):
        try:
            datetime.fromisoformat(value)
        except ValueError:
            return bool(_INTEGER.fullmatch(value)) or bool(re.fullmatch(r"-?\d+\.\d+", value))
        return True
    number = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= _LAST_MOMENT
    return number or isinstance(value, date)


_LAST_MOMENT = 253402300799999  # milliseconds: the end of the year 9999
_FITS: dict[str, Callable[[Any], bool]] = {
    "int": _is_int,
    "float": _is_float,
    "bool": _is_bool,
    "str": lambda value: isinstance(value, str),
    "list": lambda value: isinstance(value, list),
    "dict": lambda value: isinstance(value, Mapping),
    "time": _is_time,
}


def fix(at: At) -> tuple[Node, str] | None:
    """A number or a date where text is meant needs quotes."""
    written = at.plain(at.node)
    kinds = data.type_of("litellm_params", at.key or "")
    if not written or kinds != {"str"} or at.node.tag.rpartition(":")[2] not in ("int", "float", "timestamp"):
        return None
    return at.node, f'"{written}"'
