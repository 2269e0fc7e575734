"""A line of JSON for every write: who, from where, what, with which result. Never a secret, and no body as a whole."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from modelctl.api.roles import READS, needed_role
from modelctl.system.line_file import add_line
from modelctl.text.secret_shapes import redacted

TOLD = (
    "route", "provider", "model", "model_id", "models", "id", "name", "share", "for", "pin", "force", "dry_run",
    "reason",
)  # fmt: skip
"""Fields of a body that a line may repeat; what else a body holds stays out (prompts, drafts, keys)."""
SILENT = ("open", "read", "worker")
MOST_KEPT = 64 * 1024
LONGEST = 300
log = logging.getLogger("modelctl")
Put = Callable[[str], None]


def audit_to(where: str | None, state: Path) -> Put:
    """`where`: a file, `log` for the process's standard output, or None for `audit.jsonl` in the state folder."""
    if where == "log":
        return lambda line: print(line, file=sys.stdout, flush=True)
    path = Path(where) if where else state / "audit.jsonl"
    return lambda line: add_line(path, line)


class Audit:
    """Around all else that decides, so that what is refused has its line too."""

    def __init__(self, app: ASGIApp, *, put: Put) -> None:
        self.app, self._put, self._told = app, put, ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in READS or needed_role(scope["method"], scope["path"]) in SILENT:
            return await self.app(scope, receive, send)
        scope.setdefault("state", {})
        seen = _Exchange(receive, send, lambda: self._write(_line(scope, seen)))
        try:
            await self.app(scope, seen.receive, seen.send)
        finally:
            seen.end()

    def _write(self, line: dict[str, Any]) -> None:
        """A full disk is said once, and the write goes on: its own store says no where it cannot be kept."""
        try:
            self._put(json.dumps({"at": datetime.now(UTC).isoformat(timespec="milliseconds"), **line}))
            self._told = ""
        except OSError as error:
            if str(error) != self._told:
                log.error("the audit line cannot be written: %s", error)
            self._told = str(error)


class _Exchange:
    """What is sent both ways, as far as a line tells it. `over` is called once, before the end of the answer goes out:
    who has an answer has a line."""

    def __init__(self, receive: Receive, send: Send, over: Callable[[], None]) -> None:
        self._receive, self._send, self._over, self._ended = receive, send, over, False
        self._body, self._answer, self._status = b"", b"", 0

    async def receive(self) -> Message:
        message = await self._receive()
        self._body += message.get("body", b"")[: MOST_KEPT - len(self._body)]
        return message

    async def send(self, message: Message) -> None:
        self._status = message.get("status", self._status)
        if self._status >= 400:
            self._answer += message.get("body", b"")[: MOST_KEPT - len(self._answer)]
        if message["type"] == "http.response.body" and not message.get("more_body"):
            self.end()
        await self._send(message)

    def end(self) -> None:
        if not self._ended:
            self._ended = True
            self._over()

    @property
    def asked(self) -> dict[str, Any]:
        return _object(self._body)

    @property
    def result(self) -> dict[str, Any]:
        """The status, 0 where nothing was answered, and `done` or the error's code."""
        code = _object(_object(self._answer).get("error")).get("code", "failed")
        return {"status": self._status, "result": "done" if 0 < self._status < 400 else code}


def _line(scope: Scope, seen: _Exchange) -> dict[str, Any]:
    return {**_who(scope, seen.asked), **_what(scope, seen.asked), **seen.result}


def _who(scope: Scope, asked: dict[str, Any]) -> dict[str, Any]:
    """As in the history: a token's name, else what the caller says."""
    state, client = scope["state"], scope.get("client")
    who = state.get("actor") or asked.get("actor") or "api"
    return {"who": _told(who), "role": state.get("role"), "from": client[0] if client else None}


def _what(scope: Scope, asked: dict[str, Any]) -> dict[str, Any]:
    shown = {name: _told(asked[name]) for name in TOLD if asked.get(name) is not None}
    return {"what": f"{scope['method']} {_told(scope['path'])}", **({"with": shown} if shown else {})}


def _told(value: object) -> Any:
    if isinstance(value, bool | int | float):
        return value
    if isinstance(value, list):
        return [_told(each) for each in value[:10]]
    return redacted(value)[:LONGEST] if isinstance(value, str) else None


def _object(value: Any) -> dict[str, Any]:
    """A JSON object from bytes, or the value where it is one; empty for all else."""
    if isinstance(value, bytes):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return {}
    return value if isinstance(value, dict) else {}
