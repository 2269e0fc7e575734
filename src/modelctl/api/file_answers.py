"""Shared by the endpoints that write catalog files: the digest as ETag, and the result of the publish."""

from __future__ import annotations

from asyncio import to_thread
from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.responses import JSONResponse, Response

from modelctl import project
from modelctl.api.acks import acks
from modelctl.errors import ModelctlError, StoreDown
from modelctl.project import Settings
from modelctl.service import Outcome, Service
from modelctl.service.catalog_editor import CatalogEditor
from modelctl.service.custom_models import Custom
from modelctl.service.presets import Presets
from modelctl.service.test_request import TestRequests
from modelctl.service.write_answer_types import PublishAnswer

PATIENCE_S = 2.0


class NoCondition(ModelctlError):
    """An edit must say which text it replaces."""

    status, code = 428, "precondition_required"


class Authoring:
    """The services that write the catalog; one instance per application."""

    def __init__(self, service: Service, settings: Settings) -> None:
        editor = CatalogEditor(service, settings.catalog, settings.rendered)
        self.custom, self.presets = Custom(editor), Presets(editor)
        self.trying = TestRequests(project.environment())


def _authoring(request: Request) -> Authoring:
    authoring: Authoring = request.app.state.authoring
    return authoring


Writing = Annotated[Authoring, Depends(_authoring)]


def condition(if_match: str | None) -> str:
    """The digest of the text that an edit replaces, or `*`. Raises NoCondition."""
    if if_match is None or not if_match.strip():
        hint = 'If-Match: "DIGEST" of the text that you read, or * to write over whatever is there'
        raise NoCondition("an edit needs If-Match, so that nobody's work is lost", hint=hint)
    return if_match.strip().removeprefix("W/").strip('"')


def tagged(value: Any, digest: str | None, status: int = 200) -> Response:
    """The digest is the ETag, ready for If-Match."""
    headers = {"cache-control": "no-store"} | ({"etag": f'"{digest}"'} if digest else {})
    return JSONResponse(value, status, headers)


async def published(service: Service, outcome: Outcome) -> PublishAnswer:
    """What became of a written change: `result`, and what each worker did within two seconds."""
    answer: PublishAnswer = {"result": outcome.verdict, "revision": outcome.revision, "version": None, "workers": []}
    try:
        state = await to_thread(service.snapshot)
        answer["version"] = state.head.version
        if outcome.verdict == "published":
            answer["workers"] = await acks(service, state.head.version, patience=PATIENCE_S)
    except StoreDown:
        pass  # the file is written; the problems of `outcome` say that the store is down
    return answer
