"""Which parts of a config stop a start, found by trying smaller ones.

Of the standard library alone: it runs inside the environment of the LiteLLM that is tried (see probe.py).
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

Path = tuple[Any, ...]
Refusal = Callable[[dict[str, Any]], str | None]  # LiteLLM's words about a config; None where it starts with it
MOST = 5  # parts that are told of; who has more mends these first
_STAYS = ("general_settings", "master_key")  # without it no config starts
_NEEDED = ("model_name", "litellm_params", "model")  # an entry without them may be dropped, which mends any start
_PLAIN = {"model_name": "trial", "litellm_params": {"model": "openai/trial", "api_key": "trial"}}


class EnoughTries(Exception):
    """Raised by a `Refusal` that has been asked often enough."""


MOST_TRIES = 150
TRYING_S = 60.0
TRIES_IN_TIME = 40  # a search of one culprit among thousands of entries takes about so many
LONGEST_S = 600.0


class Bounded:
    """A `Refusal` with an end: after `MOST_TRIES`, or after a time that follows how long the first try took.

    With thousands of models one try takes seconds: a minute would be over before the search is.
    """

    def __init__(self, refusal: Refusal, clock: Callable[[], float] = time.monotonic) -> None:
        self._refusal, self._clock = refusal, clock
        self.tries, self.spent, self.over = 0, 0.0, False
        self._most = TRYING_S

    def __call__(self, part: dict[str, Any]) -> str | None:
        if self.tries >= MOST_TRIES or self.spent > self._most:
            self.over = True
            raise EnoughTries
        began = self._clock()
        try:
            return self._refusal(part)
        finally:
            self.tries += 1
            self.spent += self._clock() - began
            if self.tries == 1:
                self._most = min(max(TRYING_S, TRIES_IN_TIME * self.spent), LONGEST_S)


@dataclass(frozen=True)
class Culprit:
    """`path` is where it stands in the config, `message` what LiteLLM says of it."""

    path: Path
    message: str


def culprits(config: dict[str, Any], refusal: Refusal) -> Iterator[Culprit]:
    """One after the other, each of them with those before it taken away; as many as are found before enough tries."""
    gone: list[Path] = []
    try:
        while len(gone) < MOST and refusal(without(config, gone)) is not None:
            found = _first(config, gone, refusal)
            if found is None:
                return
            yield found
            gone.append(found.path)
    except EnoughTries:
        return


def without(config: dict[str, Any], paths: Sequence[Path]) -> dict[str, Any]:
    """A copy that lacks these parts. Later places of a list go first, since what follows a removed one moves up."""
    made, away = copy.deepcopy(config), frozenset(paths)
    whole = [path for path in away if not any(path[:length] in away for length in range(1, len(path)))]
    for path in sorted(whole, key=lambda path: [each if isinstance(each, int) else -1 for each in path], reverse=True):
        holder = made
        for step in path[:-1]:
            holder = holder[step]
        del holder[path[-1]]
    return made


def _first(config: dict[str, Any], gone: Sequence[Path], refusal: Refusal) -> Culprit | None:
    """The smallest part without which the start gets further: a setting, an entry, or something inside one."""
    left = [path for path in _parts(config) if path not in gone]
    settings = [path for path in left if path[0] != "model_list"]
    entries = [path for path in left if path[0] == "model_list"]

    def words(kept: Sequence[Path], plain: bool = False) -> str | None:
        stays = frozenset(kept)
        made = without(config, [*gone, *(path for path in left if path not in stays)])
        return refusal({**made, "model_list": [_PLAIN, *made.get("model_list", [])]} if plain else made)

    # Entries cost most, so settings are looked at without them first.
    found = _bisected(settings, lambda kept: words(kept, plain=True)) or _bisected([*settings, *entries], words)
    return found and _inside(config, [*gone, *(path for path in left if path != found.path)], found, refusal)


def _parts(config: dict[str, Any]) -> list[Path]:
    """What may be taken away by itself: every setting, every entry of a list."""
    found: list[Path] = []
    for section, value in config.items():
        if isinstance(value, dict):
            found += [(section, key) for key in value if (section, key) != _STAYS]
        elif isinstance(value, list):
            found += [(section, index) for index in range(len(value))]
    return found


def _bisected(parts: Sequence[Path], words: Callable[[Sequence[Path]], str | None]) -> Culprit | None:
    """The last of the fewest first parts that are refused together; None where none or all of them are."""
    message = words(parts) if parts else None
    if message is None or words(()) is not None:
        return None
    starts, stops = 0, len(parts)
    while stops - starts > 1:
        middle = (starts + stops) // 2
        failure = words(parts[:middle])
        starts, stops, message = (middle, stops, message) if failure is None else (starts, middle, failure)
    return Culprit(parts[stops - 1], message)


def _inside(config: dict[str, Any], away: Sequence[Path], part: Culprit, refusal: Refusal) -> Culprit:
    """What of a part does it, where the part is refused by itself too."""

    def words(path: Path | None = None) -> str | None:
        made = without(config, [*away, path] if path else away)
        return refusal({**made, "model_list": made.get("model_list") or [_PLAIN]})

    message = words()
    return (
        part
        if message is None
        else Culprit(_smallest(config, part.path, lambda path: words(path) is not None), message)
    )


def _smallest(config: dict[str, Any], part: Path, refused: Callable[[Path], bool]) -> Path:
    children = list(_children(config, part))
    for child in children:
        if not refused(child):
            return _smallest(config, child, refused)
    for child in children:  # an entry does not start without its `litellm_params`, and may without one of them
        found = _smallest(config, child, refused)
        if found != child:
            return found
    return part


def _children(config: dict[str, Any], path: Path) -> Iterator[Path]:
    value: Any = config
    for step in path:
        value = value[step]
    keys: list[Any] = list(value) if isinstance(value, dict) else []
    keys = list(range(len(value))) if isinstance(value, list) else keys
    yield from ((*path, key) for key in sorted(keys, key=lambda key: key in _NEEDED))
