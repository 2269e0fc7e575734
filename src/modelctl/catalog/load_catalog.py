"""A folder's contents -> Catalog: every file parsed and validated; what is wrong is in `problems`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from modelctl.catalog import load_tops, schema
from modelctl.catalog.catalog_file import CatalogFile, Validate, validated, without_anchors
from modelctl.catalog.env_overlay import NOWHERE, Environment
from modelctl.catalog.folder import Contents, ProviderTexts, Text
from modelctl.catalog.parse import Document, parse
from modelctl.catalog.pieces import Pieces, parse_in_parts
from modelctl.errors import Problem


@dataclass(frozen=True)
class ProviderFiles:
    """A provider's own file and those of its models; equal (and hashable) as long as no file changed."""

    id: str
    header: CatalogFile
    models: tuple[tuple[str, CatalogFile], ...] = ()  # file stem and file

    @property
    def files(self) -> tuple[CatalogFile, ...]:
        return (self.header, *(file for _, file in self.models))


@dataclass(frozen=True)
class Catalog:
    """Everything that was written, valid or not. `problems` are those of the folder itself."""

    label: str
    providers: tuple[ProviderFiles, ...] = ()
    routes: CatalogFile | None = None
    proxy: CatalogFile | None = None
    presets: CatalogFile | None = None
    problems: tuple[Problem, ...] = ()

    @property
    def tops(self) -> tuple[CatalogFile, ...]:
        return tuple(file for file in (self.routes, self.proxy, self.presets) if file)


@dataclass
class Loader:
    """Turns what a folder holds into entries; what is made of a file is kept as long as its text is."""

    _known: dict[Text, CatalogFile] = field(default_factory=dict)
    _used: dict[Text, CatalogFile] = field(default_factory=dict)
    _in_parts: dict[str, Pieces] = field(default_factory=dict)  # by label: the last valid version of every file
    _overlay: Text | None = None
    _environment: Environment = NOWHERE

    def load(self, contents: Contents) -> Catalog:
        self._used = {}
        self._take(contents.overlay)
        texts = {**self._only_in_overlay(contents), **contents.tops}
        written = {name: self._file(text, load_tops.TOPS[name], name) for name, text in texts.items()}
        providers = tuple(self._provider(texts) for texts in contents.providers)
        self._known = self._used
        labels = {text.label for text in self._used}
        self._in_parts = {label: document for label, document in self._in_parts.items() if label in labels}
        own = self._environment.problems([provider.id for provider in contents.providers])
        return Catalog(contents.label, providers, **written, problems=(*contents.problems, *own))

    def _take(self, overlay: Text | None) -> None:
        """Drops cached files when the overlay changes: the same texts make other files then."""
        if overlay is not self._overlay:
            self._overlay, self._known = overlay, {}
            self._environment = Environment(_read(overlay)) if overlay else NOWHERE

    def _only_in_overlay(self, contents: Contents) -> dict[str, Text]:
        names = (name for name in load_tops.TOPS if self._environment.names(name))
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

    def _file(self, text: Text, validate: Validate, *prefix: str, without: Collection[str] = ()) -> CatalogFile:
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


def _provider(document: Document) -> CatalogFile:
    if document.problems:
        return CatalogFile(document, None, document.problems, None)
    if isinstance(document, Pieces) and (file := _in_pieces(document)):
        return file
    data = without_anchors(document)
    entry, problems = validated(document, schema.ProviderSpec, data)
    names = frozenset(_names(data)) if problems else frozenset()
    return CatalogFile(document, entry, tuple(problems), names)


def _in_pieces(document: Pieces) -> CatalogFile | None:
    """Only what is new is looked at. None where anything is wrong: the whole has the words for it."""
    frame, pieces = document.frame, {piece.key: piece for piece in document.pieces}
    new = {key: piece.data["models"][key] for key, piece in pieces.items() if not piece.judged}
    try:
        if frame.entry is None:
            frame.entry = schema.ProviderSpec.model_validate({**without_anchors(frame), "models": None})
        judged = _MODELS.validate_python(new)
    except ValidationError:
        return None
    for key, model in judged.items():
        pieces[key].entry, pieces[key].judged = model, True
    models = {key: piece.entry for key, piece in pieces.items()}
    return CatalogFile(document, frame.entry.model_copy(update={"models": models}), pieces=pieces)


_MODELS: TypeAdapter[dict[str, schema.ModelSpec | None]] = TypeAdapter(dict[str, schema.ModelSpec | None])


def _model(document: Document) -> CatalogFile:
    if document.problems:
        return CatalogFile(document, None, document.problems, None)
    data = without_anchors(document)
    entry, problems = validated(document, schema.ModelFile, data)
    names = frozenset(_name_of(Path(document.label).stem, data)) if problems else frozenset()
    return CatalogFile(document, entry, tuple(problems), names)


def _names(data: object) -> Iterator[str]:
    """The public names in a file that does not validate, so that others may refer to them meanwhile."""
    models = data.get("models") if isinstance(data, dict) else None
    for key, model in models.items() if isinstance(models, dict) else ():
        yield from _name_of(key, model)


def _name_of(key: str, model: object) -> Iterable[str]:
    written = model if isinstance(model, dict) else {}
    return [name for name in (written.get("public_name"), written.get("id"), key) if isinstance(name, str)]


def load_presets(text: Text) -> CatalogFile:
    """presets.yaml by itself."""
    return load_tops.presets(_read(text))
