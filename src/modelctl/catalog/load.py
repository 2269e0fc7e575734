"""A catalog folder -> Catalog: every file read, parsed and validated; what is wrong is in `problems`.

A `Loader` keeps each file's result and reads again only what changed, so that loading after an edit
costs one file. It follows symlinks (a mounted ConfigMap is made of them).
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError

from modelctl.catalog import findings, schema
from modelctl.catalog.source import Document, parse, read
from modelctl.errors import Problem

SUFFIXES = (".yaml", ".yml")
TOP_FILES = ("routes", "proxy", "presets")
_RACY_NS = 3_000_000_000  # a file this young may change again without a new time stamp

Read = Callable[[bytes, str], Document]


@dataclass(frozen=True, eq=False)
class File:
    """One file and what it says.

    Of a file with errors, `entry` holds what is right (or None), and `names` are the public names that
    it seems to offer; None when not even that can be told.
    """

    document: Document
    entry: Any
    problems: tuple[Problem, ...] = ()
    names: frozenset[str] | None = frozenset()


@dataclass(frozen=True)
class ProviderFiles:
    """A provider's own file and those of its models; equal (and hashable) as long as no file changed."""

    id: str
    header: File
    models: tuple[tuple[str, File], ...] = ()  # file stem and file

    @property
    def files(self) -> tuple[File, ...]:
        return (self.header, *(file for _, file in self.models))


@dataclass(frozen=True)
class Catalog:
    """Everything that was written, valid or not. `problems` are those of the folder itself."""

    label: str
    providers: tuple[ProviderFiles, ...] = ()
    routes: File | None = None
    proxy: File | None = None
    presets: File | None = None
    problems: tuple[Problem, ...] = ()

    @property
    def tops(self) -> tuple[File, ...]:
        return tuple(file for file in (self.routes, self.proxy, self.presets) if file)


@dataclass
class Loader:
    """Loads one folder again and again; `parse` may be a cached parser."""

    root: Path
    parse: Read = parse
    _known: dict[Path, tuple[Any, bytes, File]] = field(default_factory=dict)
    _used: dict[Path, tuple[Any, bytes, File]] = field(default_factory=dict)

    def load(self) -> Catalog:
        """Never raises for what is in the folder, or for there being none."""
        label, self._used = _label(self.root), {}
        try:
            catalog = self._load(label)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            problem = Problem(
                "unreadable-folder", f"cannot read the catalog: {reason}", _label(error.filename or label)
            )
            catalog = Catalog(label, problems=(problem,))
        self._known = self._used
        return catalog

    def files(self) -> list[Path]:
        """The files that the last load read."""
        return list(self._known)

    def _load(self, label: str) -> Catalog:
        problems: list[Problem] = []
        top = _yaml_files(self.root, label, problems)
        problems += [_unknown_file(name, path, label) for name, path in top.items() if name not in TOP_FILES]
        found = {
            name: self._file(top[name], f"{label}/{top[name].name}", _TOP[name]) for name in TOP_FILES if name in top
        }
        providers = tuple(self._providers(label, problems))
        return Catalog(label, providers, **found, problems=tuple(problems))

    def _providers(self, label: str, problems: list[Problem]) -> Iterator[ProviderFiles]:
        folder, label = self.root / "providers", f"{label}/providers"
        if not folder.exists():
            return
        headers = _yaml_files(folder, label, problems)
        folders = {entry.name: entry for entry in _entries(folder) if entry.is_dir() and entry.suffix not in SUFFIXES}
        for name in sorted({*headers, *folders}):
            inside = f"{label}/{name}"
            models = _yaml_files(folders[name], inside, problems) if name in folders else {}
            if name in headers:
                header = self._file(headers[name], f"{label}/{headers[name].name}", _provider)
                each = ((stem, self._file(path, f"{inside}/{path.name}", _model)) for stem, path in models.items())
                yield ProviderFiles(name, header, tuple(each))
            elif models:
                text = f"its models have no provider: `{label}/{name}.yaml` is missing"
                problems.append(Problem("unknown-provider", text, inside, hint=f"write {label}/{name}.yaml"))

    def _file(self, path: Path, label: str, validate: Validate) -> File:
        """What the file says; not read again while its time stamps, size and inode stay as they were."""
        stamp = _stamp(path)
        known = self._known.get(path)
        if known and stamp is not None and known[0] == stamp:
            self._used[path] = known
            return known[2]
        raw = read(path, label)
        if isinstance(raw, Problem):
            return File(Document(label, "", None, (raw,)), None, (raw,), None)
        file = known[2] if known and known[1] == raw else validate(self.parse(raw, label))
        self._used[path] = (stamp, raw, file)
        return file


# -- the folder --------------------------------------------------------------------------------


def _label(path: str | Path) -> str:
    """As people would write it: relative when the folder lies below the current one."""
    path = Path(path)
    if path.is_absolute() and path.is_relative_to(Path.cwd()):
        path = path.relative_to(Path.cwd())
    return str(path)


def _entries(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if not path.name.startswith("."))


def _yaml_files(folder: Path, label: str, problems: list[Problem]) -> dict[str, Path]:
    """Stem -> path, sorted; other names and dot-files are none of our business."""
    found: dict[str, Path] = {}
    for path in _entries(folder):
        if path.suffix not in SUFFIXES:
            continue
        if path.stem in found:
            text = f"`{found[path.stem].name}` and `{path.name}` stand side by side: keep one"
            problems.append(Problem("duplicate-file", text, f"{label}/{path.name}"))
        else:
            found[path.stem] = path
    return found


def _unknown_file(name: str, path: Path, label: str) -> Problem:
    near = findings.unknown_name(name, TOP_FILES)
    names = ", ".join(f"{top}.yaml" for top in TOP_FILES)
    text = f"no file of a catalog has this name, so it is not read; there are {names}"
    hint = f"did you mean `{near}.yaml`?" if near else None
    return Problem("unknown-file", text, f"{label}/{path.name}", severity="warning", hint=hint)


def _stamp(path: Path) -> Any:
    """What changes whenever the file does; None while it is so young that nothing is certain."""
    try:
        seen = os.stat(path)  # noqa: PTH116  (Path.stat builds no quicker result, and this runs per file)
    except OSError:
        return None
    if time.time_ns() - max(seen.st_mtime_ns, seen.st_ctime_ns) < _RACY_NS:
        return None
    return (seen.st_mtime_ns, seen.st_ctime_ns, seen.st_size, seen.st_ino, seen.st_dev)


# -- what a file must say ----------------------------------------------------------------------

Validate = Callable[[Document], File]


def _validate(document: Document, model: type[BaseModel], data: Any) -> tuple[Any, list[Problem]]:
    """The entry, and every problem. With problems, the entry is what remains without the wrong keys."""
    if not isinstance(data, dict):
        return None, [document.problem("bad-value", "a mapping is expected here", value=True)]
    try:
        return model.model_validate(data), []
    except ValidationError as error:
        problems = findings.explain(error, document, model)
        try:
            return model.model_validate(_without(data, error)), problems
        except ValidationError:
            return None, problems


def _without(data: dict[str, Any], error: ValidationError) -> dict[str, Any]:
    """`data` without its wrong keys; of a provider's models only the wrong ones go."""
    wrong = [one["loc"] for one in error.errors(include_url=False, include_context=False, include_input=False)]
    models = {loc[1] for loc in wrong if loc[0] == "models" and len(loc) > 1}
    keys = {loc[0] for loc in wrong if not (loc[0] == "models" and len(loc) > 1)}
    kept = {key: value for key, value in data.items() if key not in keys}
    if models and "models" in kept:
        kept["models"] = {key: value for key, value in kept["models"].items() if key not in models}
    return kept


def _plain(document: Document) -> Any:
    """The data without the top-level `x-*` keys, which only hold anchors; an empty file is `{}`."""
    data = {} if document.data is None else document.data
    if isinstance(data, dict) and any(key.startswith("x-") for key in data):
        return {key: value for key, value in data.items() if not key.startswith("x-")}
    return data


def _provider(document: Document) -> File:
    if document.problems:
        return File(document, None, document.problems, None)
    data = _plain(document)
    entry, problems = _validate(document, schema.Provider, data)
    names = frozenset(_names(data)) if problems else frozenset()
    return File(document, entry, tuple(problems), names)


def _model(document: Document) -> File:
    if document.problems:
        return File(document, None, document.problems, None)
    data = _plain(document)
    entry, problems = _validate(document, schema.ModelFile, data)
    names = frozenset(_name_of(Path(document.label).stem, data)) if problems else frozenset()
    return File(document, entry, tuple(problems), names)


def _names(data: Any) -> Iterator[str]:
    """The public names in a file that does not validate, so that others may refer to them meanwhile."""
    models = data.get("models") if isinstance(data, dict) else None
    for key, model in models.items() if isinstance(models, dict) else ():
        yield from _name_of(key, model)


def _name_of(key: str, model: Any) -> Iterable[str]:
    written = model if isinstance(model, dict) else {}
    return [name for name in (written.get("public_name"), written.get("id"), key) if isinstance(name, str)]


def _table(document: Document, model: type[BaseModel]) -> File:
    """A mapping of names to entries of one kind."""
    if document.problems:
        return File(document, None, document.problems, None)
    data = _plain(document)
    if not isinstance(data, dict):
        problem = document.problem("bad-value", "a mapping of names is expected here", value=True)
        return File(document, None, (problem,), None)
    try:
        return File(document, _adapter(model).validate_python(data))
    except ValidationError as error:
        wrong = {str(one["loc"][0]) for one in error.errors(include_url=False, include_input=False)}
        problems = [
            problem for key in data if key in wrong for problem in _table_entry(document, model, key, data[key])
        ]
        right = {key: value for key, value in data.items() if key not in wrong}
        return File(document, _adapter(model).validate_python(right), tuple(problems))


def _table_entry(document: Document, model: type[BaseModel], key: str, value: Any) -> list[Problem]:
    try:
        model.model_validate(value)
    except ValidationError as error:
        return findings.explain(error, document, model, [key])
    return []


@cache
def _adapter(model: type[BaseModel]) -> TypeAdapter[Any]:
    return TypeAdapter(dict[str, model])  # type: ignore[valid-type]


def _routes(document: Document) -> File:
    return _table(document, schema.Route)


def _presets(document: Document) -> File:
    return _table(document, schema.Preset)


@dataclass(frozen=True)
class Proxy:
    """proxy.yaml: our own keys, and LiteLLM's sections as they are written."""

    own: schema.Proxy
    sections: dict[str, Any]


def _proxy(document: Document) -> File:
    if document.problems:
        return File(document, None, document.problems, None)
    data = _plain(document)
    if not isinstance(data, dict):
        problem = document.problem("bad-value", "a mapping of LiteLLM's sections is expected here", value=True)
        return File(document, None, (problem,))
    sections = {key: value for key, value in data.items() if key in schema.SECTIONS}
    problems = [_bad_section(document, key) for key in data if key not in (*schema.SECTIONS, *schema.OWN)]
    own, more = _validate(document, schema.Proxy, {key: data[key] for key in schema.OWN if key in data})
    problems += more
    return File(document, None if problems else Proxy(own, sections), tuple(problems))


_ELSEWHERE = {
    "model_list": "models stand in providers/<provider>.yaml",
    "include": "LiteLLM's `include` replaces whole sections; write them here",
    "fallbacks": "fallbacks stand on models and routes",
}


def _bad_section(document: Document, key: str) -> Problem:
    if key in _ELSEWHERE:
        return document.problem("unknown-key", f"`{key}` does not belong in proxy.yaml", [key], hint=_ELSEWHERE[key])
    near = findings.unknown_name(key, [*schema.SECTIONS, *schema.OWN])
    hint = f"did you mean `{near}`?" if near else "write keys that only hold anchors as `x-...`"
    return document.problem("unknown-key", f"LiteLLM has no section `{key}`", [key], hint=hint)


_TOP: dict[str, Validate] = {"routes": _routes, "proxy": _proxy, "presets": _presets}
