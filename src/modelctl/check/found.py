"""What a rule finds, and where that is written."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import modelctl.text.nearest
from modelctl.catalog.parse import Document
from modelctl.errors import Problem, Severity


@dataclass(frozen=True)
class Spot:
    """A place in a file: a key (or its value) that may be looked up when it is needed."""

    document: Document
    path: tuple[str | int, ...] = ()
    value: bool = False

    def problem(self, rule: str, message: str, severity: Severity, hint: str | None = None) -> Problem:
        return self.document.problem(rule, message, self.path, value=self.value, severity=severity, hint=hint)

    @property
    def shown(self) -> str:
        line, column = self.document.place(self.path, value=self.value)
        return f"{self.document.label}:{line}:{column}"

    def inside(self, *path: str | int, value: bool = False) -> Spot:
        return Spot(self.document, (*self.path, *path), value)


class FolderSpot(Spot):
    """A folder as such: no line of a file."""

    def problem(self, rule: str, message: str, severity: Severity, hint: str | None = None) -> Problem:
        return Problem(rule, message, self.document.label, severity=severity, hint=hint)


@dataclass(frozen=True)
class Found:
    """A finding of a rule. `severity` None: the rule's own. `once`: of all findings with this text only the first is
    shown. `beside`: it is shown even where the rule finds something else at the same place."""

    message: str
    spot: Spot
    hint: str | None = None
    severity: Severity | None = None
    once: str | None = None
    beside: bool = False


def nearest(name: str, known: Collection[str]) -> str | None:
    """A hint with the nearest known name, when one is near enough to be meant."""
    near = modelctl.text.nearest.nearest(name, known)
    return f"did you mean `{near}`?" if near else None
