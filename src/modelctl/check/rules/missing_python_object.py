"""LiteLLM cannot load a Python object that the config names.

Callbacks, `custom_auth`, `custom_provider_map` and the like name an object as `MODULE.NAME`. LiteLLM reads `MODULE.py`
beside the config file; where there is none it imports the module, from the folder in which it was started or from what
is installed. It does not start when it finds neither, nor when the module has no such name.

A file that is missing here may be there where LiteLLM runs, so this is a warning; a file that is here and has no such
name is an error. For a catalog, "beside" is beside the catalog folder, where the render is written.

Before (with `custom_callbacks.py` beside the config, whose instance is called `handler`):

    litellm_settings:
      callbacks: [custom_callback.handler]

After:

    litellm_settings:
      callbacks: [custom_callbacks.handler]
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from modelctl.check.found import Found, Spot
from modelctl.check.listed import ENDS
from modelctl.check.subject import Subject

SEVERITY = "error"
_Path = tuple[str | int, ...]
_CALLBACKS = ("callbacks", "success_callback", "failure_callback", "audit_log_callbacks")
_FUNCTIONS = (
    "custom_auth", "custom_key_generate", "custom_key_update", "custom_key_policy", "custom_team_metadata_validate",
    "custom_sso", "custom_ui_sso_sign_in_handler",
)  # fmt: skip
_PLACES: tuple[_Path, ...] = (  # "*": each item of a list
    *(("litellm_settings", key, "*") for key in _CALLBACKS),
    ("litellm_settings", "callbacks"),
    ("litellm_settings", "post_call_rules"),
    ("litellm_settings", "custom_provider_map", "*", "custom_handler"),
    *(("general_settings", key) for key in _FUNCTIONS),
    ("general_settings", "litellm_jwtauth", "custom_validate"),
    ("general_settings", "key_management_settings", "custom_secret_manager"),
    ("router_settings", "plugins", "*"),
    ("mcp_tools", "*", "handler"),
    ("guardrails", "*", "litellm_params", "guardrail"),
)
_OF_A_ROUTER: tuple[_Path, ...] = (("classifier_plugin",), ("plugins", "*"))
_NAMED = re.compile(r"[\w-]+(?:\.[\w-]+)+")
_OF_LITELLM = ("litellm", "litellm_enterprise", "enterprise")  # their release decides what they have


def entries(subject: Subject) -> Iterator[Found]:
    for entry in subject.entries if subject.machine else ():
        if router := entry.params.get("complexity_router_config"):
            for path, name in _written(router, _OF_A_ROUTER):
                at = partial(entry.at, "litellm_params", "complexity_router_config", *path, value=True)
                yield from _found(subject, name, at)


def whole(subject: Subject) -> Iterator[Found]:
    for path, name in _written(subject.sections, _PLACES) if subject.machine else ():
        if _is_read(subject, path):
            yield from _found(subject, name, partial(subject.at, *path, value=True))


def _written(value: object, places: Iterable[_Path]) -> Iterator[tuple[_Path, str]]:
    """Every name that has the form of one, with its path."""
    for place in places:
        for path, name in _below(value, place):
            if isinstance(name, str) and _NAMED.fullmatch(name):
                yield path, name


def _below(value: object, place: _Path) -> Iterator[tuple[_Path, Any]]:
    if not place:
        yield (), value
        return
    step, *rest = place
    inside: Iterable[tuple[str | int, Any]] = ()
    if step == "*" and isinstance(value, list):
        inside = enumerate(value)
    elif isinstance(value, Mapping) and step in value:
        inside = [(step, value[step])]
    yield from (((at, *path), each) for at, inner in inside for path, each in _below(inner, tuple(rest)))


def _is_read(subject: Subject, path: _Path) -> bool:
    general = subject.section("general_settings")
    if "litellm_jwtauth" in path:
        return general.get("enable_jwt_auth") is True
    if "custom_secret_manager" in path:
        return general.get("key_management_system") == "custom"
    tool = subject.sections["mcp_tools"][path[1]] if path[0] == "mcp_tools" else {}
    return not tool or bool(tool.get("name") and tool.get("description"))


def _found(subject: Subject, name: str, spot: Callable[[], Spot]) -> Iterator[Found]:
    module, _, last = name.rpartition(".")
    if subject.machine is None or module.split(".")[0] in _OF_LITELLM:
        return
    look = subject.machine.find(name)
    file = f"{module.replace('.', '/')}.py"
    if look == "no name":
        yield Found(f"`{file}` has no `{last}`: {ENDS}", spot())
    elif look == "no file":
        text = f"there is no `{file}` here, nor a package that has it: without it {ENDS}"
        yield Found(text, spot(), severity="warning", once=file)
