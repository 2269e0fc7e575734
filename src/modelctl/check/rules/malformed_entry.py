"""An entry of `model_list` has a shape on which LiteLLM stops at start.

The whole proxy fails to start, or drops the entry, with a message that does not name it. The usual causes: a
`model_name` that looks like a number (`4.1` is one to YAML), no `litellm_params`, no `model` in it, or an empty
`model_info:`.

Before:

    model_list:
      - model_name: 4.1
        litellm_params: {model: openai/gpt-4.1}

After:

    model_list:
      - model_name: "4.1"
        litellm_params: {model: openai/gpt-4.1}
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from modelctl.check.found import Found, Spot
from modelctl.check.subject import Subject

if TYPE_CHECKING:
    from yaml.nodes import Node

    from modelctl.check.fixable import At

SEVERITY = "error"
INPUTS = ("config",)


def whole(subject: Subject) -> Iterator[Found]:
    for index, entry in enumerate(subject.written):
        if wrong := shape(entry):
            message, step, hint = wrong
            spot = subject.at("model_list", index, *step)
            yield Found(message, spot, _as_written(spot, hint))


_PLAIN = re.compile(r"[\w.+:-]+")


def _as_written(spot: Spot, hint: str | None) -> str | None:
    """The name with the letters that stand there: `no` is false to YAML, and its author means "no"."""
    if hint is None or not hint.startswith('model_name: "'):
        return hint
    line, column = spot.document.place(spot.path, value=True)
    lines = spot.document.text.splitlines()
    match = _PLAIN.match(lines[line - 1], column - 1) if 0 < line <= len(lines) else None
    return f'model_name: "{match[0]}"' if match else hint


def shape(entry: Any) -> tuple[str, tuple[str, ...], str | None] | None:
    """(what is wrong, at which key, how to mend it) of an entry that LiteLLM crashes on or drops."""
    if not isinstance(entry, Mapping):
        return "an entry of `model_list` is a mapping", (), "- model_name: NAME"
    name, params, info = entry.get("model_name"), entry.get("litellm_params"), entry.get("model_info", {})
    if name is None or isinstance(name, list | Mapping):
        return "`model_name` is missing" if name is None else "`model_name` is text", (), "model_name: NAME"
    if not isinstance(name, str):
        return f"`model_name` is text, and {name} is none to YAML", ("model_name",), f'model_name: "{name}"'
    if not isinstance(params, Mapping):
        return f"`{name}` has no mapping under `litellm_params`", (), "litellm_params: {model: PROVIDER/MODEL}"
    if not isinstance(params.get("model"), str) or not params["model"]:
        return f"`{name}` has no text under `litellm_params.model`", ("litellm_params",), "model: PROVIDER/MODEL"
    if not isinstance(info, Mapping):
        return f"`{name}`: `model_info` is a mapping, and not empty", ("model_info",), "remove the key"
    return None


def fix(at: At) -> tuple[Node, str] | None:
    """A name that is a number to YAML needs quotes."""
    written = at.plain(at.following)
    if (
        at.following is None
        or at.node.value != "model_name"
        or not written
        or at.following.tag.endswith((":str", ":null"))
    ):
        return None
    return at.following, f'"{written}"'
