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
from collections.abc import Iterator
from typing import TYPE_CHECKING

from modelctl.check.found import Found, Spot
from modelctl.check.subject import Subject
from modelctl.litellm_spec.config import malformed

if TYPE_CHECKING:
    from yaml.nodes import Node

    from modelctl.check.fixable import At

SEVERITY = "error"
INPUTS = ("config",)


def whole(subject: Subject) -> Iterator[Found]:
    for index, entry in enumerate(subject.written):
        if wrong := malformed(entry):
            spot = subject.at("model_list", index, *wrong.key)
            yield Found(wrong.reason, spot, _as_written(spot, wrong.hint))


_PLAIN = re.compile(r"[\w.+:-]+")


def _as_written(spot: Spot, hint: str | None) -> str | None:
    """The name with the letters that stand there: `no` is false to YAML, and its author means "no"."""
    if hint is None or not hint.startswith('model_name: "'):
        return hint
    line, column = spot.document.place(spot.path, value=True)
    lines = spot.document.text.splitlines()
    match = _PLAIN.match(lines[line - 1], column - 1) if 0 < line <= len(lines) else None
    return f'model_name: "{match[0]}"' if match else hint


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
