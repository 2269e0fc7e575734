"""Every failure is answered in one envelope, whatever raised it."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from modelctl.errors import ModelctlError, Problem

log = logging.getLogger("modelctl.api")


def envelope(
    status: int,
    code: str,
    message: str,
    problems: Iterable[Problem] = (),
    *,
    hint: str | None = None,
    headers: dict[str, str] | None = None,
    details: Mapping[str, Any] | None = None,
) -> Response:
    """`{"src": "modelctl", "error": {"code", "message", "hint", "problems": [...], **details}}`."""
    error: dict[str, Any] = {
        **(details or {}),
        "code": code,
        "message": message,
        "problems": [problem.to_dict() for problem in problems],
    }
    if hint:
        error["hint"] = hint
    body = json.dumps({"src": "modelctl", "error": error}).encode()
    return Response(body, status, {"cache-control": "no-store", **(headers or {})}, "application/json")


def error_response(error: ModelctlError) -> Response:
    return envelope(error.status, error.code, error.message, error.problems, hint=error.hint, details=error.details)


async def _known(request: Request, error: Exception) -> Response:
    assert isinstance(error, ModelctlError)
    return error_response(error)


async def _http(request: Request, error: Exception) -> Response:
    """Failures of routing: unknown path, wrong method, a body that is not JSON."""
    assert isinstance(error, HTTPException)
    path = request.url.path[:200]
    messages = {404: f"there is no {path}", 405: f"{path} does not take {request.method}"}
    code = HTTPStatus(error.status_code).name.lower()
    hint = "GET /docs lists what there is" if error.status_code in messages else None
    text = messages.get(error.status_code, str(error.detail))
    return envelope(error.status_code, code, text, hint=hint, headers=dict(error.headers or {}))


async def _malformed(request: Request, error: Exception) -> Response:
    """Pydantic's errors as problems, without the values that were sent."""
    assert isinstance(error, RequestValidationError)
    problems = [Problem("malformed", _finding(one)) for one in error.errors()]
    text = problems[0].message if len(problems) == 1 else f"the request has {len(problems)} mistakes"
    return envelope(400, "bad_request", text, problems)


def _finding(error: dict[str, Any]) -> str:
    if error["type"] == "json_invalid":
        return "the body is not JSON"
    where = ".".join(str(part) for part in error["loc"][1:])
    text = str(error["msg"]).removeprefix("Value error, ")
    text = {"Extra inputs are not permitted": "unknown field", "Field required": "is required"}.get(text, text)
    if where:
        return f"`{where[:80]}`: {text}"
    return text if error["type"] == "value_error" else "the body must be a JSON object"


def install(app: FastAPI) -> None:
    app.add_exception_handler(ModelctlError, _known)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _malformed)


class LastResort:
    """Our own bugs: one line to the caller, the traceback only to the log."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except Exception:
            log.exception("a bug in modelctl: %s %s", scope["method"], scope["path"])
            if not started:
                answer = envelope(500, "internal", "a bug in modelctl; the log of the control plane has the details")
                await answer(scope, receive, send)
