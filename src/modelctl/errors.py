"""Problems (values, collected and shown together) and exceptions (the work cannot go on).

Imports nothing of ours, so that every layer may use it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding of check.

    `line` and `column` count from 1; 0 means that the problem belongs to no one line.
    `hint` is a value or a command to copy. Neither text ever holds a secret's value.
    """

    rule: str
    message: str
    file: str = ""
    line: int = 0
    column: int = 0
    severity: Severity = "error"
    hint: str | None = None

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part)
        head = f"{place}: " if place else ""
        tail = f"\n  hint: {one_line(self.hint)}" if self.hint else ""
        return f"{one_line(head)}{self.severity}[{self.rule}]: {one_line(self.message)}{tail}"

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def order(self) -> tuple[str, int, int, str, str]:
        """Sort key: by place, then by rule."""
        return (self.file, self.line, self.column, self.rule, self.message)


def one_line(text: str) -> str:
    """A name may hold a line break: printed as it is, it could begin a line that steers a CI (`::error::`)."""
    return "".join("\\n" if char == "\n" else "\\r" if char == "\r" else char for char in text)


def errors_in(problems: Iterable[Problem]) -> list[Problem]:
    """Only those problems that stop a publish."""
    return [problem for problem in problems if problem.severity == "error"]


class ModelctlError(Exception):
    """A failure that the user can act on: shown as one line and a hint, never as a traceback.

    `exit_code` is the process's (see the public contract), `status` and `code` the API's.
    """

    exit_code = 1
    status = 400
    code = "bad_request"
    details: Mapping[str, Any] = {}  # further keys of the API's `error`

    def __init__(self, message: str, *, hint: str | None = None, problems: Iterable[Problem] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.problems = list(problems)


class CheckFailed(ModelctlError):
    """The catalog or config has errors; `problems` holds them all."""

    status, code = 409, "check_failed"


class NotFound(ModelctlError):
    """Nothing has that name; the message offers the nearest."""

    status, code = 404, "not_found"


class Refused(ModelctlError):
    """A route's `choices` or `requires`, or a guard, says no; `force` may override."""

    status, code = 409, "refused"


class Stale(ModelctlError):
    """The caller's `If-Match` is not the state that is stored now."""

    status, code = 412, "stale"


class StoreDown(ModelctlError):
    """The store cannot be read or written; nothing was changed."""

    status, code = 503, "store_down"


class StoreUnreachable(StoreDown):
    """Nobody answers at its address yet, or not any more; one that answers and refuses is `StoreDown` alone."""


class UsageError(ModelctlError):
    """The command line asks for something that does not exist."""

    exit_code = 2
    code = "usage"


class Unreachable(ModelctlError):
    """The control plane (or the proxy) does not answer."""

    exit_code = 4
    status, code = 503, "unreachable"
