"""An edit of catalog files as a value: what it would leave, its diff as git shows it, the commands that commit it."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path

from modelctl.catalog.pending_edits import Changes


@dataclass(frozen=True)
class FileEdit:
    """One file below the catalog folder: its bytes before, its text after; None is no file."""

    place: str
    before: bytes | None
    after: str | None


@dataclass(frozen=True)
class FilesChange:
    """Edits that belong together, in the order in which they are written. `title` says what for."""

    title: str
    edits: tuple[FileEdit, ...]

    @property
    def overlay(self) -> Changes:
        return {edit.place: None if edit.after is None else edit.after.encode() for edit in self.edits}

    @property
    def alters(self) -> bool:
        return any(edit.before != (None if edit.after is None else edit.after.encode()) for edit in self.edits)

    def diff(self, catalog: Path) -> str:
        """What `git diff` would show, new files included; `git apply` takes it."""
        top = _top(catalog) or catalog.parent
        return "".join(_diff(_path(catalog, edit.place, top), edit) for edit in self.edits)

    def commands(self, catalog: Path, rendered: Path) -> list[str]:
        """To copy into a shell; none where the catalog is in no git repository."""
        if _top(catalog) is None:
            return []
        paths = [_path(catalog, edit.place, catalog.parent) for edit in self.edits]
        lines = [f"cd {shlex.quote(str(catalog.parent))}"]
        if rendered.is_file() and not all(edit.place.startswith("presets.") for edit in self.edits):
            lines.append("modelctl render")
            paths.append(rendered.name)
        files = " ".join(shlex.quote(path) for path in paths)
        return [*lines, f"git add -- {files}", f"git commit -m {shlex.quote(self.title)} -- {files}"]


def _top(catalog: Path) -> Path | None:
    """The folder that git calls the top level."""
    start = catalog.resolve()
    return next((each for each in (start, *start.parents) if (each / ".git").exists()), None)


def _path(catalog: Path, place: str, top: Path) -> str:
    for folder in (catalog, catalog.resolve()):
        if folder.is_relative_to(top):
            return str(folder.relative_to(top) / place)
    return f"{catalog.name}/{place}"


def _diff(path: str, edit: FileEdit) -> str:
    before = None if edit.before is None else edit.before.decode("utf-8", "replace")
    if before == edit.after:
        return ""
    old, new = f"a/{path}", f"b/{path}"
    head = [f"diff --git {old} {new}"]
    if before is None:
        head, old = [*head, "new file mode 100644"], "/dev/null"
    if edit.after is None:
        head, new = [*head, "deleted file mode 100644"], "/dev/null"
    body = unified_diff(_lines(before), _lines(edit.after), old, new)
    return "\n".join(head) + "\n" + "".join(_ended(line) for line in body)


def _lines(text: str | None) -> list[str]:
    """Lines as git sees them: only a line feed ends a line."""
    pieces = (text or "").split("\n")
    return [f"{piece}\n" for piece in pieces[:-1]] + ([pieces[-1]] if pieces[-1] else [])


def _ended(line: str) -> str:
    return line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
