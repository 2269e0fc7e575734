"""What LiteLLM's models (pydantic) take for a value: the vocabulary of rules on what its loader refuses.

A value that is missing fits, and so does a reference or a template, which is resolved later.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from modelctl.litellm_spec import lookup

_WHOLE = re.compile(r"\s*[+-]?\d+(\.0*)?\s*")
_BOOLEAN = frozenset({"true", "false", "yes", "no", "on", "off", "t", "f", "y", "n", "1", "0"})


@dataclass(frozen=True)
class Shape:
    """`words` say what is taken: "`KEY` takes WORDS"."""

    words: str
    _fits: Callable[[Any], bool]

    def fits(self, value: object) -> bool:
        return value is None or is_put_off(value) or self._fits(value)


def is_put_off(value: object) -> bool:
    """Whether the text is a reference or a template, which is resolved later."""
    return isinstance(value, str) and lookup.is_put_off(value)


def is_number(value: Any) -> bool:
    """As `float()` takes it."""
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return True


def is_count(value: object) -> bool:
    """As pydantic takes a whole number: 5, "5", 5.0 and "5.0" are whole numbers."""
    if isinstance(value, str):
        return is_put_off(value) or bool(_WHOLE.fullmatch(value))
    return isinstance(value, int) or (isinstance(value, float) and value.is_integer() and abs(value) < 2**63)


def is_boolean(value: object) -> bool:
    return value in (0, 1) if not isinstance(value, str) else value.lower() in _BOOLEAN


def is_text(value: object) -> bool:
    return isinstance(value, str)


def is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _is_mapping(value: object) -> bool:
    return isinstance(value, Mapping)


def _is_mapping_of_texts(value: object) -> bool:
    return isinstance(value, Mapping) and all(isinstance(item, str) for item in value.values())


def _is_mapping_of_lists(value: object) -> bool:
    return isinstance(value, Mapping) and all(is_texts(item) for item in value.values())


def _is_mappings(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, Mapping) for item in value)


TEXT = Shape("text (in quotes)", is_text)
TEXTS = Shape("a list of texts", is_texts)
NUMBER = Shape("a number", is_number)
COUNT = Shape("a whole number", is_count)
BOOLEAN = Shape("true or false", is_boolean)
MAPPING = Shape("a mapping", _is_mapping)
MAPPINGS = Shape("a list of mappings", _is_mappings)
MAPPING_OF_TEXTS = Shape("a mapping of texts (in quotes)", _is_mapping_of_texts)
MAPPING_OF_LISTS = Shape("a mapping of lists of texts", _is_mapping_of_lists)
PLAIN_BOOLEAN = Shape("true or false", lambda value: isinstance(value, bool))
FILLED_TEXT = Shape("text that is not empty", lambda value: isinstance(value, str) and bool(value.strip()))


def one_of(known: Collection[str]) -> Shape:
    return Shape(f"one of {', '.join(known)}", lambda value: value in known)


def mapping(
    shapes: Mapping[str, Shape], needed: Collection[str] = (), *, closed: bool = False
) -> Callable[[Any], bool]:
    """A mapping with these values. `closed`: with no other keys."""

    def fits(value: object) -> bool:
        if not isinstance(value, Mapping) or any(value.get(key) is None for key in needed):
            return False
        return all(shapes[key].fits(item) if key in shapes else not closed for key, item in value.items())

    return fits


def listing(fits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    """A list of such values."""
    return lambda value: isinstance(value, list) and all(fits(item) for item in value)
