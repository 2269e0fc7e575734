"""A value of another kind than LiteLLM expects.

In `litellm_params` LiteLLM validates each entry: one that does not fit (`rpm: abc`, but also `api_version: 20240101`
without quotes) is dropped at start with one line in the log, and the proxy calls itself healthy. Elsewhere the value
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
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from modelctl import data
from modelctl.errors import Severity
from modelctl.rules.subject import Found, Subject, nearest

if TYPE_CHECKING:
    from yaml.nodes import Node

    from modelctl.rules.fixes import At

SEVERITY = "error"
VALIDATED = frozenset(
    {
        "api_base", "api_key", "api_version", "aws_access_key_id", "aws_profile_name", "aws_region_name",
        "aws_role_name", "aws_secret_access_key", "aws_session_name", "aws_session_token", "budget_duration",
        "client_id", "client_secret", "custom_llm_provider", "input_cost_per_second", "input_cost_per_token", "itpm",
        "litellm_credential_name", "max_budget", "max_retries", "otpm", "output_cost_per_second",
        "output_cost_per_token", "region_name", "rpm", "tags", "tenant_id", "tpm", "use_in_pass_through",
        "use_litellm_proxy", "vertex_location", "vertex_project", "watsonx_region_name",
    }
)  # fmt: skip
"""The parameters that LiteLLM validates when it makes a deployment; the rest is passed on as it is."""

_INTEGER = re.compile(r"\s*[+-]?\d+(\.0*)?\s*")
_BOOLEAN = frozenset({"true", "false", "yes", "no", "on", "off", "t", "f", "y", "n", "1", "0"})
_LISTS_TOO = frozenset({"organization"})  # LiteLLM makes one deployment of each


def entries(subject: Subject) -> Iterator[Found]:
    texts = {key for key in VALIDATED if data.type_of("litellm_params", key) == _TEXT}
    for entry in subject.entries:
        for key, value in entry.params.items():
            if key in texts and value.__class__ is str:
                continue  # most of what is written
            if key in VALIDATED and (wrong := _wrong("litellm_params", key, value)):
                spot = entry.at("litellm_params", key, value=True)
                yield Found(f"`{key}` takes {wrong}: LiteLLM drops the deployment at start", spot)
            elif key in _TIMES and not (_is_float(value) or _is_put_off(value)):
                spot = entry.at("litellm_params", key, value=True)
                yield Found(f"`{key}` takes a number of seconds: each request to it fails", spot)
            elif key in _LOOSE and (wrong := _wrong("litellm_params", key, value)):
                spot = entry.at("litellm_params", key, value=True)
                yield Found(f"`{key}` takes {wrong}", spot, severity="warning")


_TEXT = frozenset({"str"})
_TIMES = frozenset({"timeout", "stream_timeout", "request_timeout"})
_LOOSE = frozenset({"weight", "order", "max_tokens", "temperature", "top_p", "stream", "n", "num_retries"})
_SECTIONS = ("litellm_settings", "router_settings", "general_settings")


def whole(subject: Subject) -> Iterator[Found]:
    for section in _SECTIONS:
        values = subject.sections.get(section)
        if values is not None and not isinstance(values, Mapping):
            if subject.kind == "config":  # a catalog's own schema says so
                yield Found(f"`{section}` takes a mapping", subject.at(section))
            continue
        for key, value in subject.section(section).items():
            wrong = "a number" if key in _TIMES and not _is_float(value) else _wrong(section, key, value)
            if wrong and key not in _ELSEWHERE and not _is_put_off(value):
                level: Severity = "error" if wrong in _NUMBERS else "warning"
                yield Found(f"`{key}` takes {wrong}", subject.at(section, key, value=True), severity=level)
    strategy = subject.section("router_settings").get("routing_strategy")
    if isinstance(strategy, str) and "$" not in strategy and "/" not in strategy and strategy not in _strategies():
        text = f"LiteLLM has no routing strategy `{strategy}` and does not start; there are {', '.join(_strategies())}"
        spot = subject.at("router_settings", "routing_strategy", value=True)
        yield Found(text, spot, nearest(strategy, _strategies()))


_ELSEWHERE = frozenset(
    {"model_group_alias", "fallbacks", "context_window_fallbacks", "content_policy_fallbacks", "default_fallbacks"}
)


@lru_cache(maxsize=1)
def _strategies() -> tuple[str, ...]:
    return tuple(sorted(data.values("routing_strategy")))


def _wrong(section: str, key: Any, value: Any) -> str | None:
    """What the key takes, if that is not what stands there."""
    kinds = data.type_of(section, key) if isinstance(key, str) else frozenset()
    if not kinds or kinds - _FITS.keys():
        return None
    if _is_put_off(value):
        return None
    if (isinstance(value, list) and key in _LISTS_TOO) or any(_FITS[kind](value) for kind in kinds):
        return None
    return " or ".join(_NAMES[kind] for kind in sorted(kinds))


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
}


_NUMBERS = frozenset({"a whole number", "a number", "a number or a whole number"})


def _is_int(value: Any) -> bool:
    if isinstance(value, str):
        return bool(_INTEGER.fullmatch(value))
    return isinstance(value, int) or (isinstance(value, float) and value.is_integer())


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


_FITS: dict[str, Callable[[Any], bool]] = {
    "int": _is_int,
    "float": _is_float,
    "bool": _is_bool,
    "str": lambda value: isinstance(value, str),
    "list": lambda value: isinstance(value, list),
    "dict": lambda value: isinstance(value, Mapping),
}


def fix(at: At) -> tuple[Node, str] | None:
    """A number or a date where text is meant needs quotes."""
    written = at.plain(at.node)
    kinds = data.type_of("litellm_params", at.key or "")
    if not written or kinds != {"str"} or at.node.tag.rpartition(":")[2] not in ("int", "float", "timestamp"):
        return None
    return at.node, f'"{written}"'
