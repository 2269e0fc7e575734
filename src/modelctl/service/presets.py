"""Presets: choices saved under a name in `presets.yaml`, to select again and to share."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from modelctl.catalog import schema_tops
from modelctl.catalog.folder import SUFFIXES, Text
from modelctl.catalog.load_catalog import load_presets
from modelctl.catalog.parse import parse
from modelctl.catalog.rewrite import entries, plain, rewrite
from modelctl.catalog.safe_files import digest
from modelctl.check import secrets
from modelctl.check.quoting import masked_value
from modelctl.errors import CheckFailed, ModelctlError, Refused
from modelctl.service.catalog_editor import CatalogEditor, Conflict, TriedChange
from modelctl.service.file_answer_types import PresetAnswer
from modelctl.service.file_changes import FileEdit, FilesChange
from modelctl.service.model_index import Index, unknown
from modelctl.service.model_text import lean, shown
from modelctl.service.selecting import MOST_NAME, check_text

MOST_PARAMS = 8 * 1024  # bytes as JSON
_HEAD = "# yaml-language-server: $schema=.schema/presets.json\n"


@dataclass(frozen=True)
class PresetsFile:
    """presets.yaml as it is: `raw` is None where there is none yet."""

    place: str
    raw: bytes | None
    data: Mapping[str, Any]
    presets: Mapping[str, schema_tops.PresetSpec]

    @property
    def text(self) -> str:
        return (self.raw or b"").decode("utf-8", "replace")


class Presets:
    """The presets of one catalog."""

    def __init__(self, editor: CatalogEditor) -> None:
        self.editor = editor

    def file(self) -> PresetsFile:
        """Raises CheckFailed when presets.yaml has errors."""
        for suffix in SUFFIXES:
            place = f"presets{suffix}"
            raw = self.editor.places.read(place)
            if raw is not None:
                return self._read(place, raw)
        return PresetsFile("presets.yaml", None, {}, {})

    def all(self, index: Index | None) -> list[PresetAnswer]:
        """`public_name` is null (and `reason` says why) where the preset's model cannot be selected."""
        file = self.file()
        written = entries(file.text)
        return [self._answer(name, preset, file, written, index=index) for name, preset in file.presets.items()]

    def one(self, name: str) -> schema_tops.PresetSpec:
        """Raises NotFound with the nearest name."""
        presets = self.file().presets
        if name not in presets:
            raise unknown("preset", name, presets)
        return presets[name]

    def save(
        self, name: str, preset: Mapping[str, Any], index: Index, expect: str | None, *, new: bool, actor: str
    ) -> tuple[FilesChange, TriedChange]:
        """Raises what `saving` and `CatalogEditor.write` raise; then nothing was written."""
        with self.editor.writing:
            change = self.saving(name, preset, index, expect, new=new)
            return change, self.editor.write(change, actor=actor)[0]

    def remove(self, name: str, expect: str | None, *, actor: str) -> tuple[FilesChange, TriedChange]:
        with self.editor.writing:
            change = self.removal(name, expect)
            return change, self.editor.write(change, actor=actor)[0]

    def saving(
        self, name: str, preset: Mapping[str, Any], index: Index, expect: str | None, *, new: bool
    ) -> FilesChange:
        """The change that saves it. Raises NotFound (route, model), Conflict, and ModelctlError for a bad name."""
        _check(name, preset)
        file = self.file()
        wanted = lean(self._resolved(preset, index))
        made = self._with(file, name, wanted)
        self._compare(file, name, expect, made, new=new)
        return FilesChange(
            f"catalog: {'add' if new else 'edit'} preset {name}", (FileEdit(file.place, file.raw, made),)
        )

    def removal(self, name: str, expect: str | None) -> FilesChange:
        file = self.file()
        if name not in file.presets:
            raise unknown("preset", name, file.presets)
        self._compare(file, name, expect, None, new=False)
        left = {key: value for key, value in file.data.items() if key != name}
        return FilesChange(
            f"catalog: remove preset {name}", (FileEdit(file.place, file.raw, rewrite(file.text, left, block=2).text),)
        )

    def _read(self, place: str, raw: bytes) -> PresetsFile:
        read = load_presets(Text(self.editor.label(place), raw))
        if read.problems or read.entry is None:
            raise CheckFailed(f"{self.editor.label(place)} has errors", problems=read.problems)
        data = read.document.data
        return PresetsFile(place, raw, data if isinstance(data, dict) else {}, read.entry)

    @staticmethod
    def _answer(
        name: str, preset: schema_tops.PresetSpec, file: PresetsFile, written: Mapping[str, str], *, index: Index | None
    ) -> PresetAnswer:
        public_name = reason = None
        try:
            if index is not None and preset.model is not None:
                index.route(preset.route)
                public_name = index.resolve(preset.model, preset.provider).name
        except ModelctlError as error:
            reason = error.message
        return {
            "name": name,
            "route": preset.route,
            "model": preset.model,
            "provider": preset.provider,
            "description": preset.description,
            "params": masked_value(plain(preset.params or {})),
            "public_name": public_name,
            "reason": reason,
            "digest": _mark(file.data[name]),
            "text": shown(written.get(name, "").encode()),
        }

    @staticmethod
    def _resolved(preset: Mapping[str, Any], index: Index) -> dict[str, Any]:
        route = index.route(str(preset.get("route") or "active"))
        target = index.resolve(str(preset["model"]), preset.get("provider"))
        return {**preset, "route": route.name, "model": target.name, "params": plain(preset.get("params") or {})}

    def _with(self, file: PresetsFile, name: str, wanted: Mapping[str, Any]) -> str:
        known = (self.editor.catalog / ".schema" / "presets.json").is_file()
        text = file.text if file.raw is not None else _HEAD if known else ""
        made = rewrite(text, {**file.data, name: wanted}, block=2).text
        try:
            document = parse(made.encode(), self.editor.label(file.place))
        except UnicodeEncodeError:
            raise ModelctlError("the preset holds half a character (a lone surrogate)") from None
        if found := secrets.of_document(document):
            raise CheckFailed("a preset cannot hold a secret", problems=found)
        return made

    def _compare(self, file: PresetsFile, name: str, expect: str | None, made: str | None, *, new: bool) -> None:
        if new and name in file.data:
            raise self._conflict(file, name, made, created=True)
        if not new and name not in file.data:
            raise unknown("preset", name, file.data)
        if not new and expect not in (None, "*") and expect != _mark(file.data[name]):
            raise self._conflict(file, name, made)

    def _conflict(self, file: PresetsFile, name: str, made: str | None, *, created: bool = False) -> Conflict:
        """With the texts of this preset alone."""
        yours = None if made is None else entries(made).get(name, made)
        theirs = entries(file.text).get(name, file.text).encode()
        label = self.editor.label(file.place)
        return Conflict(label, yours, theirs, created=created, mark=_mark(file.data[name]))


def _check(name: str, preset: Mapping[str, Any]) -> None:
    check_text("name", name, MOST_NAME)
    check_text("description", preset.get("description") or None, 500)
    if name.startswith("x-"):
        raise ModelctlError(f"`{name}` cannot be a preset's name: `x-...` only holds anchors")
    if not preset.get("model"):
        raise ModelctlError("`model` is empty")
    try:
        size = len(json.dumps(preset.get("params") or {}, allow_nan=False).encode())
    except ValueError:
        raise ModelctlError("`params` holds a number that is not finite") from None
    if size > MOST_PARAMS:
        raise ModelctlError(f"`params` has more than {MOST_PARAMS} bytes")


def _mark(entry: Any) -> str:
    return digest(json.dumps(plain(entry), sort_keys=True).encode())


def selectable(preset: schema_tops.PresetSpec, name: str) -> str:
    """The model to select. Raises Refused where the preset names none."""
    if preset.model is None:
        raise Refused(f"the preset `{name}` names no model: there is nothing to select")
    return preset.model
