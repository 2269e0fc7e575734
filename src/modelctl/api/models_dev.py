"""`/api.json`: routes and models in the shape of models.dev, for clients that read their list from there."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from modelctl import client_configs, project
from modelctl.api.replies import answer, now
from modelctl.api.request_bodies import Held
from modelctl.client_configs import opencode
from modelctl.errors import NotFound
from modelctl.service import views

router = APIRouter(tags=["clients"])


@router.get("/api.json", summary="What a client may ask the proxy for, as models.dev would say it")
async def api_json(request: Request, service: Held) -> Response:
    state = await now(service)
    state.need()
    offered = client_configs.choices(views.all_routes(state), views.catalog(state.desired, state.unset))
    if not offered:
        raise NotFound("there is no chat model to offer")
    address = project.proxy_url(request.app.state.settings.state).rstrip("/").removesuffix("/v1")
    setup = client_configs.Setup(address, tuple(offered))
    return answer(request, opencode.catalog(setup), state.head.version)
