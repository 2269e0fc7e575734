"""Where the catalog's files come from: a folder that people edit, or a branch that is followed."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from modelctl.errors import Problem
from modelctl.service.status_answer_types import CatalogSource


@dataclass(frozen=True)
class Credit:
    """Whose change the files are: both stand in the history."""

    actor: str
    reason: str


class Origin(Protocol):
    """Each method is quick and thread-safe, but `refresh`, which may wait for a remote."""

    def source(self) -> CatalogSource | None:
        """What `/status` shows; None for a folder."""

    def credit(self) -> Credit | None:
        """Of the files as they are."""

    def problems(self) -> Sequence[Problem]: ...

    def stale(self) -> str | None:
        """Why the files may be older than the limit allows; None where they are not."""

    def refresh(self, reading: AbstractContextManager[object], *, force: bool) -> None:
        """Bring the files up to date while `reading` keeps readers away. Raises ModelctlError."""


class EditedFolder:
    """People and the API edit the files in place."""

    def source(self) -> CatalogSource | None:
        return None

    def credit(self) -> Credit | None:
        return None

    def problems(self) -> Sequence[Problem]:
        return ()

    def stale(self) -> str | None:
        return None

    def refresh(self, reading: AbstractContextManager[object], *, force: bool) -> None:
        """The files are what they are."""
