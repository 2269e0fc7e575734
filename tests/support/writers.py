"""Ways in which programs write a file: each a generator that does a part, and yields the seconds until the next one.

No pause is as long as what is given to a writer that may come back; one that keeps the file open may take longer.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

Writer = Callable[[Path, str, Random], Iterator[float]]
MOMENT = 0.06


def _pause(chance: Random) -> float:
    return chance.choice((0.0, 0.02, MOMENT, 0.15, 0.3))


def _parts(text: str, chance: Random) -> list[str]:
    cuts = sorted({0, len(text), *(chance.randrange(len(text)) for _ in range(chance.randint(1, 6)))})
    return [text[start:end] for start, end in pairwise(cuts)]


def _at_a_line(text: str, chance: Random) -> int:
    ends = [at + 1 for at, letter in enumerate(text[:-1]) if letter == "\n"]
    return chance.choice(ends)


def empty_for_a_moment(path: Path, text: str, chance: Random) -> Iterator[float]:
    """`python gen.py > FILE`."""
    path.write_text("")
    yield MOMENT
    path.write_text(text)


def redirected(path: Path, text: str, chance: Random) -> Iterator[float]:
    """The same, by a program that writes as it goes."""
    with path.open("w") as file:
        for part in _parts(text, chance):
            yield _pause(chance)
            file.write(part)
            file.flush()
        yield _pause(chance)


def renamed(path: Path, text: str, chance: Random) -> Iterator[float]:
    """An editor, `rsync`, `sed -i`."""
    beside = path.with_name(f".{path.name}.new")
    for number in range(1, 3):
        beside.write_text(text[: len(text) * number // 2])
        yield _pause(chance)
    beside.replace(path)


def backed_up(path: Path, text: str, chance: Random) -> Iterator[float]:
    """`vim` with `backup`: the old file goes out of the way, the new one is written in its place."""
    backup = path.with_name(f"{path.name}~")
    path.rename(backup)
    yield _pause(chance)
    with path.open("w") as file:
        for part in _parts(text, chance):
            file.write(part)
            file.flush()
            yield _pause(chance)
    backup.unlink()


def appended(path: Path, text: str, chance: Random) -> Iterator[float]:
    """A script of `echo LINE >> FILE`: whole lines, and closed after each."""
    lines = text.splitlines(keepends=True)
    path.write_text(lines.pop(0))
    while lines:
        yield _pause(chance)
        some, lines = lines[:7], lines[7:]
        with path.open("a") as file:
            file.write("".join(some))


def removed_first(path: Path, text: str, chance: Random) -> Iterator[float]:
    """`rm FILE; gen > FILE`, `git checkout`."""
    path.unlink()
    yield _pause(chance)
    path.write_text(text)


def copied_over(path: Path, text: str, chance: Random) -> Iterator[float]:
    """`cp`: what is there is emptied and filled again."""
    with path.open("r+") as file:
        file.truncate(0)
        for part in _parts(text, chance):
            yield _pause(chance)
            file.write(part)
            file.flush()


def in_place(path: Path, text: str, chance: Random) -> Iterator[float]:
    """`rsync --inplace`: written over from the start, and cut to its length at the end."""
    with path.open("r+") as file:
        for part in _parts(text, chance):
            file.write(part)
            file.flush()
            yield _pause(chance)
        file.truncate()


def in_place_and_closed(path: Path, text: str, chance: Random) -> Iterator[float]:
    """`dd conv=notrunc`, block by block: new text before the rest of the old one."""
    at = 0
    for part in _parts(text, chance):
        with path.open("r+") as file:
            file.seek(at)
            file.write(part)
        at += len(part)
        yield _pause(chance)
    os.truncate(path, len(text))


def cut(path: Path, text: str, chance: Random) -> Iterator[float]:
    """Half of it, which ends anywhere; then all."""
    path.write_text(text[: chance.randrange(len(text))])
    yield _pause(chance)
    path.write_text(text)


def cut_at_a_line(path: Path, text: str, chance: Random) -> Iterator[float]:
    """Half of it, which ends with a line within an entry; then the rest."""
    end = _at_a_line(text, chance)
    path.write_text(text[:end])
    yield _pause(chance)
    with path.open("a") as file:
        file.write(text[end:])


def written_twice(path: Path, text: str, chance: Random) -> Iterator[float]:
    """A generator that is run again before its first run was looked at."""
    yield from cut_at_a_line(path, text, chance)
    yield _pause(chance)
    yield from empty_for_a_moment(path, text, chance)


WRITERS: tuple[Writer, ...] = (
    empty_for_a_moment, redirected, renamed, backed_up, appended, removed_first, copied_over, in_place,
    in_place_and_closed, cut, cut_at_a_line, written_twice,
)  # fmt: skip


def lacks(before: Any, after: Any) -> bool:
    """Whether a key of `before` is missing in `after`, or has no value any more."""
    if isinstance(before, dict):
        return not isinstance(after, dict) or any(
            key not in after or lacks(value, after[key]) for key, value in before.items()
        )
    return after is None and before is not None
