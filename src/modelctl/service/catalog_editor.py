"""Tries and writes changes of catalog files; a change is written completely or not at all.

A change is built together with the whole catalog before a byte is written; a mistake anywhere stops it.
Two writers of one file are told apart by the file's bytes: who comes second gets both texts.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from modelctl.catalog.folder import label_of
from modelctl.catalog.safe_files import SafeFolder, Taken, digest
from modelctl.errors import CheckFailed, ModelctlError, Problem, Refused, StoreDown, errors_in
from modelctl.pipeline import Builder
from modelctl.plan import guards
from modelctl.service import views
from modelctl.service.file_answer_types import WrittenFiles
from modelctl.service.file_changes import FileEdit, FilesChange
from modelctl.service.model_text import HIDDEN, holds_secret, shown
from modelctl.service.outcome import Outcome
from modelctl.service.service import Service
from modelctl.service.write_answer_types import ConflictAnswer
from modelctl.state.desired import DesiredState

REDACTED = "a key was written out in the file: the diff does not show it"
FORCE = "force=true, if it is meant; it is recorded"


class Conflict(ModelctlError):
    """Somebody else wrote the file meanwhile. The API shows both texts."""

    status, code = 412, "conflict"

    def __init__(
        self, file: str, yours: str | None, theirs: bytes | None, *, created: bool = False, mark: str | None = None
    ) -> None:
        what = "is there already" if created else "has changed since you read it" if theirs else "is gone by now"
        super().__init__(f"{file} {what}; nothing was written", hint="compare both texts and save again")
        if created:
            self.status = 409
        mark = mark or (None if theirs is None else digest(theirs))
        mine = None if yours is None else shown(yours.encode())  # with the comments of the file that was there
        other = None if theirs is None else shown(theirs)
        reason = HIDDEN if theirs is not None and holds_secret(theirs) else None
        conflict: ConflictAnswer = {"file": file, "yours": mine, "theirs": other, "digest": mark, "reason": reason}
        self.details = {"conflict": conflict}


@dataclass(frozen=True)
class TriedChange:
    """What the catalog would be. `problems` are its errors, and what else the change brings or touches."""

    problems: list[Problem]
    desired: DesiredState | None

    @property
    def ok(self) -> bool:
        return self.desired is not None and not errors_in(self.problems)


class CatalogEditor:
    """The editor of one catalog. Every method is synchronous and thread-safe."""

    def __init__(self, service: Service, catalog: Path, rendered: Path) -> None:
        self.service, self.catalog, self.rendered = service, catalog, rendered
        self.places = SafeFolder(catalog)
        self._builder = Builder(catalog)
        self._building = threading.Lock()
        self.writing = threading.RLock()  # held from reading what is there to writing what shall be

    def label(self, place: str) -> str:
        """As people would write the file's path."""
        return f"{label_of(self.catalog)}/{place}"

    def trial(self, change: FilesChange) -> TriedChange:
        with self._building:
            build = self._builder.build(change.overlay)
        touched = {self.label(edit.place) for edit in change.edits}
        known = set(self.service.problems)
        problems = [
            problem
            for problem in build.problems
            if problem.severity == "error" or problem.file in touched or problem not in known
        ]
        return TriedChange(problems, build.desired)

    def write(self, change: FilesChange, *, actor: str, force: bool = False) -> tuple[TriedChange, Outcome]:
        """Write the change and publish it. Raises CheckFailed, Refused (a guard), Conflict, CannotWrite."""
        self._need_own_files()
        with self.writing:
            self._unchanged(change)
            trial = self.trial(change)
            if not trial.ok:
                text = "the catalog would have errors; nothing was written"
                raise CheckFailed(text, problems=errors_in(trial.problems))
            was = self._guard(trial, force)
            self._unchanged(change)  # editors know nothing of our lock, and a build takes its time
            self._put(change)
        return trial, self._publish(was, actor, force)

    def _need_own_files(self) -> None:
        source = self.service.origin.source()
        if source is not None:
            where = f"branch {source['branch']} of {source['remote']}"
            raise Refused(f"the catalog comes from {where}; nothing was written", hint="commit the change there")

    def _unchanged(self, change: FilesChange) -> None:
        for edit in change.edits:
            now = self.places.read(edit.place)
            if now != edit.before:
                raise Conflict(self.label(edit.place), edit.after, now, created=edit.before is None)

    def _guard(self, trial: TriedChange, force: bool) -> str | None:
        """The revision that is live. Raises Refused for what would not be published by itself."""
        before = self.service.snapshot().desired
        assert trial.desired is not None
        held = [] if force else guards(before, trial.desired, FORCE)
        if held:
            raise Refused("this needs a person to insist; nothing was written", problems=held, hint=FORCE)
        return before.revision if before else None

    def _put(self, change: FilesChange) -> None:
        done: list[FileEdit] = []
        try:
            for edit in change.edits:
                self._put_one(edit)
                done.append(edit)
        except BaseException:
            for each in reversed(done):
                with suppress(ModelctlError):
                    self._undo(each)
            raise

    def _put_one(self, edit: FileEdit) -> None:
        if edit.after is None:
            return self.places.remove(edit.place)
        if edit.before is not None:
            return self.places.replace(edit.place, edit.after)
        try:
            return self.places.create(edit.place, edit.after)
        except Taken as error:
            now = self.places.read(edit.place)
            raise Conflict(self.label(edit.place), edit.after, now, created=True) from error

    def _undo(self, edit: FileEdit) -> None:
        if edit.before is None:
            self.places.remove(edit.place)
        else:
            self.places.replace(edit.place, edit.before.decode("utf-8", "surrogateescape"))

    def _publish(self, was: str | None, actor: str, force: bool) -> Outcome:
        """The watcher would publish too; done here, the answer has the result and history has the actor."""
        try:
            outcome = self.service.publish(actor=actor, force=force)
        except StoreDown as error:
            problem = Problem("store-down", f"{error.message}; the change is published once the store is back")
            return Outcome("held", was, (problem,))
        if outcome.verdict == "unchanged" and outcome.revision != was:
            return Outcome("published", outcome.revision, outcome.problems)  # the watcher was quicker
        return outcome

    def answer(self, change: FilesChange, trial: TriedChange) -> WrittenFiles:
        """The part that every answer about a change has; its diff shows no secret."""
        hidden = any(edit.before is not None and holds_secret(edit.before) for edit in change.edits)
        redacted = [Problem("literal-secret", REDACTED, severity="info")] if hidden else []
        return {
            "files": [self.label(edit.place) for edit in change.edits],
            "diff": FilesChange(change.title, tuple(map(_shown, change.edits))).diff(self.catalog),
            "commands": change.commands(self.catalog, self.rendered),
            "problems": views.problem_answers((*trial.problems, *redacted)),
        }


def _shown(edit: FileEdit) -> FileEdit:
    before = None if edit.before is None else shown(edit.before).encode()
    return FileEdit(edit.place, before, None if edit.after is None else shown(edit.after.encode()))
