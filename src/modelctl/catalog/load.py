"""A folder's contents -> Catalog: every file parsed and validated; what is wrong is in `problems`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError

from modelctl.catalog import findings, schema, schema_tops
from modelctl.catalog.environment import NOWHERE, Environment
from modelctl.catalog.folder import Contents, ProviderTexts, Text
from modelctl.catalog.pieces import Piece, Pieces, parse_in_parts
from modelctl.catalog.source import Document, parse
from modelctl.errors import Problem
from modelctl.nearest import nearest


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
    pieces: Mapping[str, Piece] = field(default_factory=dict)  # of a sound file that was read entry by entry, by key

    @property
    def top(self) -> Document:
        """What stands outside the entries: the same object until that changes."""
        return self.document.frame if self.pieces and isinstance(self.document, Pieces) else self.document

    @property
    def documents(self) -> tuple[Document, ...]:
        """All of it, in parts that stay the same where nothing changed."""
        return (self.top, *self.pieces.values())


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
    """Turns what a folder holds into entries; what is made of a file is kept as long as its text is."""

    _known: dict[Text, File] = field(default_factory=dict)
    _used: dict[Text, File] = field(default_factory=dict)
    _in_parts: dict[str, Pieces] = field(default_factory=dict)  # by label, as each file was when it was last sound
    _overlay: Text | None = None
    _environment: Environment = NOWHERE

    def load(self, contents: Contents) -> Catalog:
        self._used = {}
        self._take(contents.overlay)
        texts = {**self._only_in_overlay(contents), **contents.tops}
        tops = {name: self._file(text, _TOP[name], name) for name, text in texts.items()}
        providers = tuple(self._provider(texts) for texts in contents.providers)
        self._known = self._used
        labels = {text.label for text in self._used}
        self._in_parts = {label: document for label, document in self._in_parts.items() if label in labels}
        own = self._environment.problems([each.id for each in contents.providers])
        return Catalog(contents.label, providers, **tops, problems=(*contents.problems, *own))

    def _take(self, overlay: Text | None) -> None:
        """Another overlay makes other files of the same texts."""
        if overlay is not self._overlay:
            self._overlay, self._known = overlay, {}
            self._environment = Environment(_read(overlay)) if overlay else NOWHERE

    def _only_in_overlay(self, contents: Contents) -> dict[str, Text]:
        names = (name for name in _TOP if self._environment.names(name))
        known = {text.label: text for text in self._known}
        labels = {name: f"{contents.label}/{name}.yaml" for name in names if name not in contents.tops}
        return {name: known.get(label) or Text(label, b"") for name, label in labels.items()}

    def _provider(self, texts: ProviderTexts) -> ProviderFiles:
        models = tuple(
            (stem, self._file(text, _model, "providers", texts.id, "models", stem)) for stem, text in texts.models
        )
        apart = [stem for stem, _ in texts.models]
        header = self._file(texts.header, _provider, "providers", texts.id, without=apart)
        return ProviderFiles(texts.id, header, models)

    def _file(self, text: Text, validate: Validate, *prefix: str, without: Collection[str] = ()) -> File:
        file = self._known.get(text)
        if file is None:
            file = validate(self._environment.over(self._read(text), *prefix, without=without))
        self._used[text] = file
        return file

    def _read(self, text: Text) -> Document:
        document = _read(text, self._in_parts.get(text.label))
        if isinstance(document, Pieces):
            self._in_parts[text.label] = document
        return document


def _read(text: Text, before: Document | None = None) -> Document:
    if isinstance(text.raw, Problem):
        return Document(text.label, "", None, (text.raw,))
    if b"models:" in text.raw:
        return parse_in_parts(text.raw, text.label, "models", before)
    return parse(text.raw, text.label)


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
    if isinstance(document, Pieces) and (file := _in_pieces(document)):
        return file
    data = _plain(document)
    entry, problems = _validate(document, schema.Provider, data)
    names = frozenset(_names(data)) if problems else frozenset()
    return File(document, entry, tuple(problems), names)


def _in_pieces(document: Pieces) -> File | None:
    """Only what is new is looked at. None where anything is wrong: the whole has the words for it."""
    frame, pieces = document.frame, {piece.key: piece for piece in document.pieces}
    new = {key: piece.data["models"][key] for key, piece in pieces.items() if not piece.judged}
    try:
        if frame.entry is None:
            frame.entry = schema.Provider.model_validate({**_plain(frame), "models": None})
        judged = _MODELS.validate_python(new)
    except ValidationError:
        return None
    for key, model in judged.items():
        pieces[key].entry, pieces[key].judged = model, True
    models = {key: piece.entry for key, piece in pieces.items()}
    return File(document, frame.entry.model_copy(update={"models": models}), pieces=pieces)


_MODELS: TypeAdapter[dict[str, schema.Model | None]] = TypeAdapter(dict[str, schema.Model | None])


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
    return _table(document, schema_tops.Route)


def _presets(document: Document) -> File:
    return _table(document, schema_tops.Preset)


def load_presets(text: Text) -> File:
    """presets.yaml by itself."""
    return _presets(_read(text))


@dataclass(frozen=True)
class Proxy:
    """proxy.yaml: our own keys, and LiteLLM's sections as they are written."""

    own: schema_tops.Proxy
    sections: dict[str, Any]


def _proxy(document: Document) -> File:
    if document.problems:
        return File(document, None, document.problems, None)
    data = _plain(document)
    if not isinstance(data, dict):
        problem = document.problem("bad-value", "a mapping of LiteLLM's sections is expected here", value=True)
        return File(document, None, (problem,))
    sections = {key: value for key, value in data.items() if key in schema_tops.SECTIONS}
    problems = [_bad_section(document, key) for key in data if key not in (*schema_tops.SECTIONS, *schema_tops.OWN)]
    own, more = _validate(document, schema_tops.Proxy, {key: data[key] for key in schema_tops.OWN if key in data})
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
    near = nearest(key, [*schema_tops.SECTIONS, *schema_tops.OWN])
    hint = f"did you mean `{near}`?" if near else "write keys that only hold anchors as `x-...`"
    return document.problem("unknown-key", f"LiteLLM has no section `{key}`", [key], hint=hint)


_TOP: dict[str, Validate] = {"routes": _routes, "proxy": _proxy, "presets": _presets}
