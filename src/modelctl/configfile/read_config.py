"""Reading a LiteLLM config file: what LiteLLM makes of it, where each part stands, and what is wrong."""

from __future__ import annotations

import hashlib
import os.path
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any, TypeVar

import yaml

from modelctl.catalog import parse
from modelctl.catalog.construct import SAME
from modelctl.catalog.folder import label_of
from modelctl.catalog.pieces import Piece, Pieces, parse_in_parts
from modelctl.check import run_rules
from modelctl.check.found import Spot
from modelctl.check.registry import CONFIG_ADVICE, CONFIG_SHAPE
from modelctl.check.subject import Subject
from modelctl.check.subject_of_config import subject
from modelctl.configfile.other_kinds import not_a_config, other_kind
from modelctl.errors import Problem
from modelctl.state.desired import digest
from modelctl.system.file_stamp import Stamp, stamp

T = TypeVar("T")
# Files that these rules refuse are nonetheless read by LiteLLM's own parser.
LITELLM_READS_ON = frozenset({"duplicate-key", "bad-key", "bad-value", "unknown-tag"})
_Place = Callable[..., Problem]  # (rule, message) -> the problem, at that place
QUOTES_A_VALUE = frozenset({"bad-value", "unknown-tag"})  # rules whose message repeats what is written


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
    reading = _Reading(path, elsewhere, before or {})
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


class _Reading:
    """One pass over a file and what it includes, in LiteLLM's order and with its way of merging."""

    def __init__(self, path: Path, elsewhere: bool, before: Mapping[str, Pieces]) -> None:
        self._root = path.absolute()
        self._elsewhere = elsewhere
        self._before = before
        self.missing = False
        self._sections: dict[str, parse.Document] = {}  # where each top-level key was written last
        self._entries: list[tuple[parse.Document, int]] = []  # where each entry of `model_list` stands
        self.documents: list[parse.Document] = []
        self.problems: list[Problem] = []
        self.files: dict[str, Stamp] = {}
        self.content = hashlib.sha256()
        self.whole = True

    def merged(self) -> dict[str, Any] | None:
        config = self._load(self._root)
        pending = [] if config is None else self._includes(config, self._root)
        while pending and config is not None:
            path, named = pending.pop(0)
            if str(path) in self.files:
                continue
            if self._elsewhere and not os.path.exists(path):  # noqa: PTH110  (Path.exists raises for long names)
                text = f"`{path.name}` does not exist here, and LiteLLM does not start without it"
                self.problems.append(named("missing-include", text, severity="warning"))
                self.missing = True
                continue
            included = self._load(path, named)
            pending += [] if included is None else self._includes(included, path)
            config = None if included is None else self._merge(config, included)
        return None if config is None else {key: value for key, value in config.items() if key != "include"}

    @property
    def pieces(self) -> tuple[Piece | None, ...]:
        """The entries that were read apart; nothing at all where none was."""
        found = tuple(each.pieces[index] if isinstance(each, Pieces) else None for each, index in self._entries)
        return found if any(found) else ()

    def spot(self, path: parse.Steps) -> Spot:
        """Where a path of the merged config stands: in the file that says so last, of those that are merged."""
        section, *rest = path or ("",)
        if section == "model_list" and rest and isinstance(rest[0], int):
            document, index = self._entries[rest[0]]
            rest[0] = index
        else:
            document = self._sections.get(str(section)) or self.documents[0]
        return Spot(document, (section, *rest) if section else ())

    def _load(self, path: Path, named: _Place | None = None) -> dict[str, Any] | None:
        """`named`: where another file includes this one."""
        self.files[str(path)] = stamp(path)
        label = label_of(path)
        raw = parse.read(path, label)
        if isinstance(raw, Problem):
            self.whole = self.whole and raw.rule != "unreadable-file"
            self._refuse(named(raw.rule, f"`{path}`: {raw.message}") if named else raw)
            return None
        self.content.update(b"%d\n%s\n%s" % (len(raw), str(path).encode(errors="replace"), raw))
        self.whole = self.whole and raw.endswith(b"\n")
        document = _strictly(raw, parse_in_parts(raw, label, "model_list", self._before.get(label)))
        self.problems += [_harmless(_without_values(problem)) for problem in document.problems]
        data = _as_litellm_does(raw, document) if document.problems else document.data
        if isinstance(data, dict):
            self._note(document, data)
            return data
        if not document.problems:
            self._refuse(not_a_config(label))
        return None

    def _merge(self, base: dict[str, Any], included: Mapping[str, Any]) -> dict[str, Any]:
        """Lists are joined, everything else is replaced; each file's own `include` is spent."""
        merged, document = dict(base), self.documents[-1]
        for key, value in included.items():
            if key == "include":
                continue
            both = isinstance(value, list) and isinstance(merged.get(key), list)
            if key in merged and not both and merged[key] != value:
                text = f"`{key}` of this included file takes the place of all that was said under it before"
                self.problems.append(document.problem("include-replaces", text, (key,), severity="warning"))
            merged[key] = [*merged[key], *value] if both else value
        return merged

    def _refuse(self, problem: Problem) -> None:
        self.content.update(problem.message.encode())
        self.problems.append(problem)

    def _note(self, document: parse.Document, data: Mapping[str, Any]) -> None:
        self.documents.append(document)
        self._sections |= dict.fromkeys(data, document)
        entries = data.get("model_list")
        if isinstance(entries, list):
            self._entries += [(document, index) for index in range(len(entries))]

    def _includes(self, config: Mapping[str, Any], declared_in: Path) -> list[tuple[Path, _Place]]:
        document, names = self.documents[-1], config.get("include", [])
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            self.problems.append(document.problem("bad-include", "`include` is a list of paths", ("include",)))
            return []
        places = [partial(document.problem, path=("include", index)) for index in range(len(names))]
        return list(zip((self._found(name, declared_in) for name in names), places, strict=True))

    def _found(self, name: str, declared_in: Path) -> Path:
        """Beside the file that names it; else beside the first one, as LiteLLM used to look."""
        near, far = (Path(os.path.normpath(folder / name)) for folder in (declared_in.parent, self._root.parent))
        return far if os.path.exists(far) and not os.path.exists(near) else near  # noqa: PTH110


def _strictly(raw: bytes, document: parse.Document) -> parse.Document:
    """LiteLLM reads with PyYAML's own scanner, which stops at a tab where libyaml's reads on."""
    if b"\t" not in raw or document.problems:
        return document
    try:
        for _ in yaml.parse(document.text, yaml.SafeLoader):
            pass
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        text = f"LiteLLM's YAML reader stops here: {error.problem}"
        problem = Problem("yaml-syntax", text, document.label, *place, hint="replace the tab by spaces")
        return replace(document, data=None, problems=(problem,))
    return document


def _as_litellm_does(raw: bytes, document: parse.Document) -> Any:
    """What is left when LiteLLM boots on a file that we refuse for a duplicate key or the like."""
    if not all(problem.rule in LITELLM_READS_ON for problem in document.problems):
        return None
    try:
        return _text_keys(yaml.load(raw, yaml.CSafeLoader))
    except (yaml.YAMLError, ValueError, RecursionError):
        return None


def _text_keys(data: Any) -> Any:
    if isinstance(data, dict):
        return {str(key): _text_keys(value) for key, value in data.items()}
    return [_text_keys(each) for each in data] if isinstance(data, list | tuple) else data


def _harmless(problem: Problem) -> Problem:
    """LiteLLM takes the last of two equal keys, and so does its author."""
    same = problem.rule == "duplicate-key" and SAME in problem.message
    return replace(problem, severity="warning") if same else problem


def _without_values(problem: Problem) -> Problem:
    """What stands there may be a secret: the place says enough."""
    if problem.rule not in QUOTES_A_VALUE:
        return problem
    message = re.sub("^`.*`", "this", problem.message, flags=re.DOTALL)
    return replace(problem, message=re.sub(" `.*`", "", message, flags=re.DOTALL), hint=None)
