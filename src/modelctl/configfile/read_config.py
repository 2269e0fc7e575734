"""Reading a LiteLLM config file: what LiteLLM makes of it, where each part stands, and what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from modelctl.catalog import parse
from modelctl.catalog.folder import label_of
from modelctl.catalog.pieces import Piece, Pieces
from modelctl.check import run_rules
from modelctl.check.found import Spot
from modelctl.check.rule_ids import CONFIG_ADVICE, CONFIG_SHAPE
from modelctl.check.subject import Subject
from modelctl.check.subject_of_config import subject
from modelctl.configfile.merge_includes import MergedReading
from modelctl.configfile.other_kinds import not_a_config, other_kind
from modelctl.errors import Problem
from modelctl.state.desired import digest
from modelctl.system.file_stamp import Stamp

T = TypeVar("T")


@dataclass(frozen=True)
class ConfigFile:
    """`config` is what LiteLLM makes of the file, includes merged (None: it cannot be used).

    `files` are all that were read, `content` names their bytes. `whole` is False where a writer may
    not have come to its end: a file is missing, empty, or ends within a line.
    """

    config: dict[str, Any] | None
    problems: list[Problem] = field(default_factory=list)
    files: dict[str, Stamp] = field(default_factory=dict)
    content: str = ""
    whole: bool = True
    documents: tuple[parse.Document, ...] = field(default=(), repr=False, compare=False)
    place: Callable[[parse.Steps], Spot] | None = field(default=None, repr=False, compare=False)
    partial: bool = False  # an included file was not there
    pieces: tuple[Piece | None, ...] = field(default=(), repr=False, compare=False)  # of `model_list`, where read apart

    @property
    def entries(self) -> list[Any]:
        return (self.config or {}).get("model_list") or []

    @cached_property
    def digests(self) -> list[str]:
        """A name for each entry, from what it says alone."""
        return self.each(digest)

    def each(self, make: Callable[[Any], T]) -> list[T]:
        """What `make` says of each entry; those that were read apart are asked once, however often they are read."""
        if not self.pieces:
            return [make(entry) for entry in self.entries]
        every = zip(self.entries, self.pieces, strict=True)
        return [make(entry) if piece is None else piece.made(make) for entry, piece in every]


class ConfigReader:
    """Reads one config again and again; what an edit costs follows the edit."""

    def __init__(self) -> None:
        self._apart: dict[str, Pieces] = {}
        self._told: run_rules.Known | None = None
        self._told_for: object = None

    def read(self, path: Path) -> ConfigFile:
        """With what is wrong with its shape; as remarks, where LiteLLM will drop entries. Never raises for what it
        says."""
        read = parse_config(path, before=self._apart)
        self._apart |= {document.label: document for document in read.documents if isinstance(document, Pieces)}
        if read.config is None or read.place is None:
            return read
        seen = subject(read.config, read.place, pieces=read.pieces)
        found = [*run_rules.of_whole(seen, CONFIG_SHAPE), *self._advice(seen)]
        return replace(read, problems=sorted([*read.problems, *found], key=lambda problem: problem.order))

    def _advice(self, seen: Subject) -> Iterator[Problem]:
        if self._told_for != seen.sections:
            self._told, self._told_for = None, seen.sections
        problems, self._told = run_rules.of_each_item(seen, self._told, CONFIG_ADVICE)
        return (replace(problem, severity="info") for problem in problems)


def read_config(path: Path) -> ConfigFile:
    """Once."""
    return ConfigReader().read(path)


def parse_config(path: Path, *, elsewhere: bool = False, before: Mapping[str, Pieces] | None = None) -> ConfigFile:
    """What LiteLLM would read, and what keeps a file from being read as it is meant.

    `elsewhere`: an included file that does not exist here may exist where the proxy runs: go on without it.
    `before` are the documents of the last reading, by label.
    """
    reading = MergedReading(path, elsewhere, before or {})
    config = reading.merged()
    if config is not None and (other := other_kind(config, label_of(path), reading.documents[0])):
        reading.problems.append(other)
        config = None if other.severity == "error" else config
    if config is not None and not isinstance(config.get("model_list") or [], list):
        reading.problems.append(not_a_config(label_of(path), reading.documents[0].place(("model_list",))))
        config = None
    problems = sorted(reading.problems, key=lambda problem: problem.order)
    facts = (reading.files, reading.content.hexdigest()[:16], reading.whole)
    read = ConfigFile(config, problems, *facts, tuple(reading.documents), reading.spot, reading.missing)
    pieces = reading.pieces
    return replace(read, pieces=pieces) if len(pieces) == len(read.entries) else read
