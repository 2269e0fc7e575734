"""A config file and what it includes, merged as LiteLLM merges them."""

from __future__ import annotations

import hashlib
import os.path
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from modelctl.catalog import parse
from modelctl.catalog.folder import label_of
from modelctl.catalog.pieces import Piece, Pieces, parse_in_parts
from modelctl.check.found import Spot
from modelctl.configfile.as_litellm_reads import as_litellm_does, harmless, strictly, without_values
from modelctl.configfile.other_kinds import not_a_config
from modelctl.errors import Problem
from modelctl.system.file_stamp import Stamp, stamp

_Place = Callable[..., Problem]  # (rule, message) -> the problem, at that place


class MergedReading:
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
        document = strictly(raw, parse_in_parts(raw, label, "model_list", self._before.get(label)))
        self.problems += [harmless(without_values(problem)) for problem in document.problems]
        data = as_litellm_does(raw, document) if document.problems else document.data
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
