"""How the child process that reads a config file hands it to the worker: as lines of JSON.

A head, then one line for each entry of `model_list`, between two marks: whatever else was printed stands
outside. The worker decodes only entries that it does not know yet, so what an edit costs it grows with
the edit and not with the file. The copy of the last good state is kept in the same form.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from modelctl.errors import Problem
from modelctl.system.file_stamp import Stamp

MARK = b"\x1e"  # stands raw in no JSON text


@dataclass(frozen=True)
class ConfigMessage:
    """`files` has the stamp that each file had when it was read, `content` names the bytes of them all.

    `settings` is all but `model_list` (None: the file cannot be used). `digests` names the entries.
    `whole` is False where a writer may not have come to its end; `closed` says that nobody has a file open for writing,
    `lacks` that something is missing of what the worker runs on.
    """

    problems: tuple[Problem, ...]
    files: dict[str, Stamp]
    content: str
    whole: bool = True
    settings: dict[str, Any] | None = None
    digests: tuple[str, ...] = ()
    lines: tuple[bytes, ...] = ()
    names: tuple[str, ...] = ()  # of the entries' groups
    closed: bool = field(default=False, compare=False)
    lacks: bool = field(default=False, compare=False)

    def entry(self, index: int) -> Any:
        return decode(self.lines[index])


def pack(handover: ConfigMessage) -> bytes:
    head = {
        "problems": [problem.to_dict() for problem in handover.problems],
        "files": handover.files,
        "content": handover.content,
        "whole": handover.whole,
        "settings": handover.settings,
        "digests": handover.digests,
        "names": handover.names,
        "closed": handover.closed,
        "lacks": handover.lacks,
    }
    return b"\n".join([MARK, encode(head), *handover.lines, MARK])


def unpack(raw: bytes) -> ConfigMessage:
    """Raises `ValueError` for bytes that `pack` has not made."""
    message, closed, _ = raw.rpartition(MARK)
    _, opened, body = message.rpartition(MARK)
    if not (opened and closed):
        raise ValueError("nothing was handed over")
    head, *lines = body.strip(b"\n").split(b"\n")
    try:
        facts = decode(head)
        problems = tuple(Problem(**problem) for problem in facts.pop("problems"))
        files = {path: tuple(stamp) for path, stamp in facts.pop("files").items()}
        digests = tuple(facts.pop("digests"))
        names = tuple(facts.pop("names", ()))  # copies of earlier releases have none
        handover = ConfigMessage(problems, files, digests=digests, lines=tuple(lines), names=names, **facts)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a handover: {error!r}") from None
    if len(handover.lines) != len(digests):
        raise ValueError("not a handover: lines are missing")
    return handover


def encode(value: object) -> bytes:
    """One line; dates keep their kind, other values that JSON lacks become text."""
    return json.dumps(value, default=_beyond_json, separators=(",", ":")).encode()


def decode(line: bytes) -> Any:
    return json.loads(line, object_hook=_dates) if b'"$date' in line else json.loads(line)


def _beyond_json(value: object) -> Any:
    if isinstance(value, datetime):
        return {"$datetime": value.isoformat()}
    return {"$date": value.isoformat()} if isinstance(value, date) else str(value)


def _dates(value: dict[str, Any]) -> Any:
    if len(value) == 1 and isinstance(value.get("$datetime"), str):
        return datetime.fromisoformat(value["$datetime"])
    if len(value) == 1 and isinstance(value.get("$date"), str):
        return date.fromisoformat(value["$date"])
    return value
