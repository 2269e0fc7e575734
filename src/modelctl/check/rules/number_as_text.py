"""A number that YAML reads as text: `1e-07`.

YAML 1.1, which LiteLLM's reader follows, wants a dot in a number with an exponent. Some of LiteLLM's code turns the
text into a number again, some compares or multiplies it and fails, and prices in a catalog are refused. Write the dot.
`check --fix` does.

Before:

    model_info:
      input_cost_per_token: 1e-07

After:

    model_info:
      input_cost_per_token: 1.0e-07
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from modelctl.check.found import Found, Spot
from modelctl.check.subject import Subject

if TYPE_CHECKING:
    from yaml.nodes import Node

    from modelctl.check.fixable import At

SEVERITY = "warning"
_EXPONENT = re.compile(r"[+-]?\d+[eE][+-]?\d+")


def entries(subject: Subject) -> Iterator[Found]:
    for entry in subject.entries:
        for section, values in (("litellm_params", entry.params), ("model_info", entry.info)):
            for key, value in values.items():
                if value.__class__ is str and _EXPONENT.fullmatch(value) and _numeric(key):
                    yield _found(key, value, entry.at(section, key, value=True))


def whole(subject: Subject) -> Iterator[Found]:
    for path, value in subject.texts if subject.section_spot else ():
        if _EXPONENT.fullmatch(value) and _numeric(path[-1]):
            yield _found(str(path[-1]), value, subject.at(*path, value=True))


def _numeric(key: object) -> bool:
    return isinstance(key, str) and any(word in key for word in ("cost", "price", "budget", "spend", "temperature"))


def _found(key: str, value: str, spot: Spot) -> Found:
    mantissa, exponent = value.lower().split("e")
    hint = f"{mantissa}.0e{exponent if exponent[0] in '+-' else '+' + exponent}"
    return Found(f"`{key}` is text to YAML: without a dot an exponent makes no number", spot, hint)


def fix(at: At) -> tuple[Node, str] | None:
    written = at.plain(at.node)
    if not written or not _EXPONENT.fullmatch(written):
        return None
    mantissa, exponent = re.split("[eE]", written)
    return at.node, f"{mantissa}.0e{exponent if exponent[0] in '+-' else '+' + exponent}"
