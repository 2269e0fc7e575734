"""The environment that references point into: who is named by an entry, and the catalog's defaults."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from modelctl.system.key_files import SUFFIX, KeyFileError, read_key

PREFIX = "os.environ/"
_SHORTEST = 4  # characters of a value that can be told from ordinary words
_set_here: dict[str, str] = {}  # variables that hold a default of the catalog's, put there by this process
_from_files: dict[str, str] = {}  # variables whose value stands in a file, and the value that they are to have


def changed_by(defaults: Mapping[str, str]) -> set[str]:
    """The variables whose value `set_defaults` would change."""
    turned = {name for name, value in _from_files.items() if value != os.environ.get(name)}
    return turned | {name for name in _ours(defaults) if defaults.get(name) != os.environ.get(name)}


def take_from_file(name: str, value: str) -> None:
    """The variable gets this value with the next `set_defaults`: in one step with the entries that are made of it."""
    _from_files[name] = value


def forget_file(name: str) -> None:
    """Nobody names a file for the variable any more: what it had from there goes."""
    if os.environ.get(name) == _from_files.pop(name, None):
        os.environ.pop(name, None)


def set_defaults(defaults: Mapping[str, str]) -> None:
    """Make `defaults` hold for variables that nobody else has set, and give those from files their value."""
    for name in defaults:
        if name.endswith(SUFFIX) and not os.environ.get(variable := name.removesuffix(SUFFIX)):
            with suppress(KeyFileError):  # what stands in its way is said by who follows the file
                take_from_file(variable, read_key(defaults[name])[0])
    os.environ.update(_from_files)
    for name in _ours(defaults):
        value = defaults.get(name)
        if value is None:
            os.environ.pop(name, None)
            _set_here.pop(name, None)
        else:
            os.environ[name] = _set_here[name] = value


def _ours(defaults: Mapping[str, str]) -> list[str]:
    """Without those that somebody else has set: theirs win."""
    names = _set_here.keys() | defaults.keys()
    free = names - _from_files.keys()
    return [name for name in free if not (found := os.environ.get(name)) or found == _set_here.get(name)]


def without_values(text: str, *written: Any) -> str:
    """`text` with the values of all variables that `written` refers to replaced by the references."""
    names = {name for each in written for _, name in references(each)}
    values = {value: PREFIX + name for name in names if len(value := os.environ.get(name) or "") >= _SHORTEST}
    for value in sorted(values, key=len, reverse=True):
        text = text.replace(value, values[value])
    return text


def references(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """(key, variable) of each reference at any depth that LiteLLM resolves."""
    if isinstance(value, str) and value.startswith(PREFIX):
        yield key, value.removeprefix(PREFIX)
    elif isinstance(value, Mapping):
        for name, item in value.items():
            yield from references(item, name)
    elif isinstance(value, list):
        for item in value:
            if isinstance(item, Mapping):
                yield from references(item)
