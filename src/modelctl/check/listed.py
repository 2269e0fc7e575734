"""Sections that are lists of mappings: what several rules on LiteLLM's loader share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from modelctl.check.found import Found, Spot
from modelctl.check.subject import Subject

ENDS = "LiteLLM does not start"
WITHOUT = "LiteLLM starts without them"


def misshapen(subject: Subject, section: str, hint: str, effect: str = ENDS) -> Iterator[Found]:
    """Finds a section that is no list, and items that are no mappings."""
    written = subject.sections.get(section)
    if written and not isinstance(written, list):
        yield Found(f"`{section}` takes a list: {effect}", subject.at(section), f"- {hint}")
    for index, each in enumerate(written if isinstance(written, list) else ()):
        if not isinstance(each, Mapping):
            yield Found(f"an item of `{section}` is a mapping: {effect}", subject.at(section, index), hint)


def items(subject: Subject, section: str) -> Iterator[tuple[Mapping[str, Any], Spot]]:
    """Those that LiteLLM can read, with their places."""
    written = subject.sections.get(section)
    for index, each in enumerate(written if isinstance(written, list) else ()):
        if isinstance(each, Mapping):
            yield each, subject.at(section, index)
