"""Which files a catalog folder has, and their bytes. Knows nothing of YAML: reading stays light.

A `Folder` reads again only what changed. It follows symlinks (a mounted ConfigMap is made of them).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from modelctl.errors import Problem
from modelctl.system.file_stamp import Glance, glance
from modelctl.text.nearest import nearest

MAX_BYTES = 16 * 1024 * 1024
SUFFIXES = (".yaml", ".yml")
TOP_FILES = ("routes", "proxy", "presets")


@dataclass(frozen=True, eq=False)
class Text:
    """A file's bytes, or the problem of reading it; the same object until the file changes."""

    label: str  # the path to show
    raw: bytes | Problem


@dataclass(frozen=True)
class ProviderTexts:
    """A provider's own file, and those of its models by stem."""

    id: str
    header: Text
    models: tuple[tuple[str, Text], ...] = ()


@dataclass(frozen=True)
class Contents:
    """A folder as it was read. `problems` are those of the folder itself, not of what its files say."""

    label: str
    tops: dict[str, Text]
    providers: tuple[ProviderTexts, ...] = ()
    problems: tuple[Problem, ...] = ()
    overlay: Text | None = None  # of the environment that was asked for

    @property
    def texts(self) -> Iterator[Text]:
        yield from self.tops.values()
        if self.overlay:
            yield self.overlay
        for provider in self.providers:
            yield provider.header
            yield from (text for _, text in provider.models)


def read(path: Path, label: str) -> bytes | Problem:
    """The file's bytes, or the problem of reading it."""
    try:
        with path.open("rb") as handle:
            raw = handle.read(MAX_BYTES + 1)
    except IsADirectoryError:
        return Problem("unreadable-file", "this is a folder, where a YAML file is expected", label)
    except FileNotFoundError:
        return Problem("unreadable-file", "the file (or what it links to) does not exist", label)
    except ValueError:
        return Problem("unreadable-file", "no file can have this name", label)
    except OSError as error:
        return Problem("unreadable-file", f"cannot be read: {(error.strerror or str(error)).lower()}", label)
    if len(raw) > MAX_BYTES:
        limit = MAX_BYTES // (1024 * 1024)
        return Problem("file-too-large", f"larger than {limit} MB, which no catalog file should be", label)
    return raw


@dataclass
class Folder:
    """Reads one folder again and again; `environment` names the overlay to read with it."""

    root: Path
    environment: str | None = None
    _known: dict[Path, tuple[Glance | None, Text]] = field(default_factory=dict)
    _used: dict[Path, tuple[Glance | None, Text]] = field(default_factory=dict)

    def read(self) -> Contents:
        """Never raises for what is in the folder, or for there being none."""
        label, self._used = label_of(self.root), {}
        try:
            contents = self._contents(label)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            where = label_of(error.filename or label)
            contents = Contents(label, {}, problems=(_unreadable(f"cannot read the catalog: {reason}", where),))
        self._known = self._used
        return contents

    def files(self) -> list[Path]:
        """The files that the last read found."""
        return list(self._known)

    def _contents(self, label: str) -> Contents:
        problems: list[Problem] = []
        top = _yaml_files(self.root, label, problems)
        problems += [_unknown_file(name, path, label) for name, path in top.items() if name not in TOP_FILES]
        problems += _misnamed_folders(self.root, label)
        tops = {name: self._text(top[name], f"{label}/{top[name].name}") for name in TOP_FILES if name in top}
        providers = tuple(self._providers(label, problems))
        overlay = self._overlay(label, problems) if self.environment else None
        return Contents(label, tops, providers, tuple(problems), overlay)

    def _overlay(self, label: str, problems: list[Problem]) -> Text | None:
        folder, label = self.root / "environments", f"{label}/environments"
        known = _yaml_files(folder, label, problems) if folder.is_dir() else {}
        if self.environment is not None and self.environment in known:
            return self._text(known[self.environment], f"{label}/{known[self.environment].name}")
        there = f"there are {', '.join(f'`{name}`' for name in known)}" if known else "there are none"
        text = f"there is no environment `{self.environment}`; {there}"
        problems.append(Problem("unknown-environment", text, label, hint=f"write {label}/{self.environment}.yaml"))
        return None

    def _providers(self, label: str, problems: list[Problem]) -> Iterator[ProviderTexts]:
        folder, label = self.root / "providers", f"{label}/providers"
        if not folder.exists():
            return
        headers = _yaml_files(folder, label, problems)
        others = (entry for entry in _entries(folder) if not entry.name.endswith(SUFFIXES))
        folders = {entry.name: entry for entry in others if entry.is_dir()}
        for name in sorted({*headers, *folders}):
            inside = f"{label}/{name}"
            models = _yaml_files(folders[name], inside, problems) if name in folders else {}
            if name in headers:
                header = self._text(headers[name], f"{label}/{headers[name].name}")
                each = ((stem, self._text(path, f"{inside}/{path.name}")) for stem, path in models.items())
                yield ProviderTexts(name, header, tuple(each))
            elif models:
                text = f"its models have no provider: `{label}/{name}.yaml` is missing"
                problems.append(Problem("missing-provider-file", text, inside, hint=f"write {label}/{name}.yaml"))

    def _text(self, path: Path, label: str) -> Text:
        """Cached while the file's stamp proves that it is unchanged."""
        known = self._known.get(path)
        before = known[0] if known else None
        try:
            now = glance(os.stat(path), before)  # noqa: PTH116  (runs once per file and build)
        except OSError:
            now = None
        if known and now is not None and now is before and known[1].label == label:
            self._used[path] = known
            return known[1]
        raw = read(path, label)
        text = known[1] if known and (known[1].raw, known[1].label) == (raw, label) else Text(label, raw)
        self._used[path] = (now, text)
        return text


def label_of(path: str | Path) -> str:
    """As people would write it: relative when it lies below the current folder."""
    path = Path(path)
    if path.is_absolute() and path.is_relative_to(Path.cwd()):
        path = path.relative_to(Path.cwd())
    return str(path)


def _entries(folder: Path) -> tuple[Path, ...]:
    return _paths(folder, tuple(sorted(os.listdir(folder))))  # noqa: PTH208  (runs with each build)


@lru_cache(maxsize=256)  # cached, since building paths is slow
def _paths(folder: Path, names: tuple[str, ...]) -> tuple[Path, ...]:
    return tuple(folder / name for name in names if not name.startswith("."))


def _yaml_files(folder: Path, label: str, problems: list[Problem]) -> Mapping[str, Path]:
    """Stem -> path, sorted; other names and dot-files are ignored."""
    found, twice = _by_stem(_entries(folder), label)
    problems += twice
    return found


@lru_cache(maxsize=256)
def _by_stem(paths: tuple[Path, ...], label: str) -> tuple[Mapping[str, Path], list[Problem]]:
    found: dict[str, Path] = {}
    twice: list[Problem] = []
    for path in paths:
        if path.suffix not in SUFFIXES:
            continue
        if path.stem in found:
            text = f"`{found[path.stem].name}` and `{path.name}` stand side by side: keep one"
            twice.append(Problem("duplicate-file", text, f"{label}/{path.name}"))
        else:
            found[path.stem] = path
    return found, twice


def _unknown_file(name: str, path: Path, label: str) -> Problem:
    near = nearest(name, TOP_FILES)
    names = ", ".join(f"{top}.yaml" for top in TOP_FILES)
    text = f"no file of a catalog has this name, so it is not read; there are {names}"
    hint = f"did you mean `{near}.yaml`?" if near else None
    return Problem("unknown-file", text, f"{label}/{path.name}", severity="warning", hint=hint)


_FOLDERS = {
    "providers": ("provider", "vendors", "models"),
    "environments": ("environment", "envs", "env", "overlays", "overlay"),
}


def _misnamed_folders(root: Path, label: str) -> Iterator[Problem]:
    """A folder of YAML files whose name is nearly one that is read."""
    for path in _entries(root):
        if path.suffix or path.name in _FOLDERS or not path.is_dir():
            continue
        meant = next((name for name, others in _FOLDERS.items() if path.name.lower() in others), None)
        meant = meant or nearest(path.name, _FOLDERS)
        if meant and any(entry.suffix in SUFFIXES for entry in _entries(path)):
            text = f"no folder of a catalog has this name, so nothing in it is read; there are {', '.join(_FOLDERS)}"
            hint = f"did you mean `{meant}/`?"
            yield Problem("unknown-file", text, f"{label}/{path.name}", severity="warning", hint=hint)


def _unreadable(text: str, label: str) -> Problem:
    return Problem("unreadable-folder", text, label, hint="`modelctl init` writes a catalog to start from")
