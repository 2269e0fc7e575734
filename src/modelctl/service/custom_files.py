"""Which file holds a custom model or its provider, and why a name can have none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePath

from modelctl.catalog.folder import SUFFIXES, Folder, Text
from modelctl.catalog.parse import parse
from modelctl.catalog.safe_files import check_name
from modelctl.errors import CheckFailed, ModelctlError, NotFound, Refused
from modelctl.service.catalog_editor import CatalogEditor
from modelctl.service.file_answer_types import CustomFile
from modelctl.service.model_index import short
from modelctl.service.model_text import entry
from modelctl.text.nearest import nearest


class CustomFiles:
    """The files of one catalog that hold one model each, by provider and id. Every method reads them anew."""

    def __init__(self, editor: CatalogEditor) -> None:
        self._editor = editor

    def all(self) -> list[CustomFile]:
        """Every file that holds one model, and whether it can be edited here."""
        found = Folder(self._editor.catalog).read()
        return [self._listed(provider.id, stem, text) for provider in found.providers for stem, text in provider.models]

    def find(self, provider: str, id: str) -> tuple[str, bytes] | None:
        """The model's file. Raises for names that can be none, for links, and for a model in its provider's file."""
        with about("provider"):
            check_name("provider", provider)
        with about("id"):
            check_name("model", id)
        for suffix in SUFFIXES:
            place = model_place(provider, id, suffix)
            raw = self._editor.places.read(place)
            if raw is not None:
                return place, raw
        with about("id"):
            self._refuse_clash(provider, id)
            self._refuse_inline(provider, id)
        return None

    def existing(self, provider: str, id: str) -> tuple[str, bytes]:
        """The model's file. Raises NotFound too."""
        found = self.find(provider, id)
        if found is None:
            raise self.nothing(provider, id)
        return found

    def nothing(self, provider: str, id: str) -> NotFound:
        """The error for a model without a file, with the nearest name that has one."""
        names = [f"{one['provider']}/{one['id']}" for one in self.all()]
        near = nearest(f"{provider}/{id}", names)
        also = f"; did you mean `{near}`?" if near else ""
        return NotFound(f"there is no {self._editor.label(model_place(short(provider), short(id)))}{also}")

    def header(self, provider: str) -> tuple[str, bytes | None]:
        """The provider's own file; None for its content where there is none yet."""
        for suffix in SUFFIXES:
            place = f"providers/{provider}{suffix}"
            raw = self._editor.places.read(place)
            if raw is not None:
                return place, raw
        return f"providers/{provider}.yaml", None

    def _listed(self, provider: str, stem: str, text: Text) -> CustomFile:
        """By what stands in the catalog itself: the build follows links, an answer does not."""
        try:
            found = self._editor.places.read(model_place(provider, stem, PurePath(text.label).suffix))
            if found is None:
                return entry(provider, stem, Text(text.label, b""), "it is gone by now")
            sound = isinstance(text.raw, bytes)
            return entry(provider, stem, Text(text.label, found) if sound else text, self._why_not(provider, stem))
        except ModelctlError as error:
            return entry(provider, stem, Text(text.label, b""), error.message)

    def _why_not(self, provider: str, stem: str) -> str | None:
        try:
            if self.find(provider, stem) is None:
                return "its name cannot be edited here"
        except ModelctlError as error:
            return error.message
        return None

    def _refuse_clash(self, provider: str, id: str) -> None:
        for place in (f"providers/{provider}", model_place(provider, id)):
            other = self._editor.places.clash(place)
            if other:
                text = f"{self._editor.label(place)} and `{other}` differ in case alone: one file on some systems"
                raise Refused(text, hint="choose another id")

    def _refuse_inline(self, provider: str, id: str) -> None:
        raw = self.header(provider)[1]
        document = parse(raw or b"", self._editor.label(f"providers/{provider}.yaml"))
        models = document.data.get("models") if isinstance(document.data, dict) else None
        if isinstance(models, dict) and id in models:
            line, _ = document.place(("models", id))
            text = (
                f"`{id}` stands among others in {document.label}, line {line}; only files of one model are edited here"
            )
            raise Refused(text, hint=f"edit it there: {document.label}:{line}")


@contextmanager
def about(field: str) -> Iterator[None]:
    """A failure in here is about this part of the draft: a form says it there. What names problems names their own."""
    try:
        yield
    except CheckFailed:
        raise
    except ModelctlError as error:
        error.details = {**error.details, "field": field}
        raise


def model_place(provider: str, id: str, suffix: str = ".yaml") -> str:
    return f"providers/{provider}/{id}{suffix}"
