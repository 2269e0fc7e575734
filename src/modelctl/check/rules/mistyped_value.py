"""A value of another kind than LiteLLM expects.

In `litellm_params` and `model_info` LiteLLM validates each entry: one that does not fit (`rpm: abc`, but also
`api_version: 20240101` without quotes, or `team_id: 7`) is dropped at start with one line in the log, and the proxy
calls itself healthy. Elsewhere the value is taken as it is: where a number is expected, text fails in the requests that
come to it (`timeout: soon` fails them all), so that is an error too; the rest is a warning. What ends the start is
another rule's, `refused-setting`.

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

from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from modelctl.check.entry import Entry
from modelctl.check.found import Found, nearest
from modelctl.check.subject import Subject
from modelctl.errors import Severity
from modelctl.litellm_spec import known_keys
from modelctl.litellm_spec.config import ALIASES, DEFAULT_FALLBACKS, FALLBACK_KINDS
from modelctl.litellm_spec.value_kinds import NAMES, fits, names
from modelctl.litellm_spec.value_shapes import is_number, is_put_off

if TYPE_CHECKING:
    from yaml.nodes import Node

    from modelctl.check.fixable import At

SEVERITY = "error"
_LISTS_TOO = frozenset({"organization"})  # LiteLLM makes one deployment of each
_NUMBERS_TOO = frozenset({"id"})  # LiteLLM makes a text of it


def entries(subject: Subject) -> Iterator[Found]:
    sides = [(side, known_keys.validated(side)) for side in ("litellm_params", "model_info")]
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
    if written is None or is_put_off(written):
        return
    if not isinstance(written, list) or any(each not in _ENVIRONMENTS and not is_put_off(each) for each in written):
        text = f"`supported_environments` takes a list of {', '.join(_ENVIRONMENTS)}: LiteLLM drops the deployment"
        yield Found(f"{text} at start", entry.at("model_info", "supported_environments", value=True))


_ENVIRONMENTS = ("development", "staging", "production")


def _loosely(entry: Entry) -> Iterator[Found]:
    """What nobody validates, and what fails only in the requests."""
    for key in entry.params.keys() & _LOOSELY:
        value = entry.params[key]
        if key in _TIMES and not (value is None or is_number(value) or is_put_off(value)):
            spot = entry.at("litellm_params", key, value=True)
            yield Found(f"`{key}` takes a number of seconds: each request to it fails", spot)
        elif key in _LOOSE and (wrong := _wrong(known_keys.type_of("litellm_params", key), key, value)):
            yield Found(f"`{key}` takes {wrong}", entry.at("litellm_params", key, value=True), severity="warning")


_ANYTHING: frozenset[str] = frozenset()
_TIMES = frozenset({"timeout", "stream_timeout", "request_timeout"})
_LOOSE = frozenset({"weight", "order", "max_tokens", "temperature", "top_p", "stream", "n", "num_retries"})
_LOOSELY = _TIMES | _LOOSE
_SECTIONS = ("litellm_settings", "router_settings", "general_settings")


def whole(subject: Subject) -> Iterator[Found]:
    yield from _top(subject)
    for section in _SECTIONS:
        yield from _settings(subject, section)
    yield from _strategy(subject)


def _top(subject: Subject) -> Iterator[Found]:
    for key, value in subject.sections.items():
        if key in _SECTIONS and not (value is None or isinstance(value, Mapping)) and subject.kind == "config":
            yield Found(f"`{key}` takes a mapping", subject.at(key))  # a catalog's own schema says so


def _settings(subject: Subject, section: str) -> Iterator[Found]:
    stopping = known_keys.at_start(section)  # refused_setting's
    for key, value in subject.section(section).items():
        if key in stopping:
            continue
        kinds = known_keys.type_of(section, key) if isinstance(key, str) else _ANYTHING
        wrong = "a number" if key in _TIMES and not is_number(value) else _wrong(kinds, key, value)
        if wrong and key not in _ELSEWHERE and not (value is None or is_put_off(value)):
            spot = subject.at(section, key, value=True)
            yield Found(f"`{key}` takes {wrong}", spot, severity=_how_bad(wrong, value))


def _strategy(subject: Subject) -> Iterator[Found]:
    strategy = subject.section("router_settings").get("routing_strategy")
    if isinstance(strategy, str) and "$" not in strategy and "/" not in strategy and strategy not in _strategies():
        text = f"LiteLLM has no routing strategy `{strategy}` and does not start; there are {', '.join(_strategies())}"
        spot = subject.at("router_settings", "routing_strategy", value=True)
        yield Found(text, spot, nearest(strategy, _strategies()))


def _how_bad(wrong: str, value: object) -> Severity:
    fraction = wrong == NAMES["int"] and is_number(value)  # taken as it is, since nothing counts with it
    return "error" if wrong in _NUMBERS and not fraction else "warning"


_ELSEWHERE = frozenset({ALIASES[-1], *FALLBACK_KINDS, DEFAULT_FALLBACKS})


@lru_cache(maxsize=1)
def _strategies() -> tuple[str, ...]:
    return tuple(sorted(known_keys.values("routing_strategy")))


def _wrong(kinds: Collection[str], key: object, value: object) -> str | None:
    """What the key takes, if that is not what stands there."""
    if not kinds or value is None or is_put_off(value) or (key in _LISTS_TOO and isinstance(value, list)):
        return None
    if key in _NUMBERS_TOO and isinstance(value, int):
        return None
    if any(fits(kind, value) for kind in kinds):
        return None
    return names(kinds)


_NUMBERS = frozenset({"a whole number", "a number", "a number or a whole number"})


def fix(at: At) -> tuple[Node, str] | None:
    """A number or a date where text is meant needs quotes."""
    written, key = at.plain(at.node), at.key or ""
    kinds = known_keys.type_of("litellm_params", key) or known_keys.validated("model_info").get(key, _ANYTHING)
    if not written or kinds != {"str"} or at.node.tag.rpartition(":")[2] not in ("int", "float", "timestamp"):
        return None
    return at.node, f'"{written}"'
