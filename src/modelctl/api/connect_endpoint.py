"""`/connect`: what other programs must be told to use the proxy, as `modelctl client` prints it; never a key."""

from __future__ import annotations

from fastapi import APIRouter, Request
from pydantic import BaseModel

from modelctl import client_configs, project
from modelctl.api.replies import now
from modelctl.api.request_bodies import Held
from modelctl.errors import NotFound
from modelctl.service import views
from modelctl.service.model_index import short

router = APIRouter(tags=["clients"])


class Clients(BaseModel):
    """`proxy` is where LiteLLM is, `key` the variable that clients read its key from."""

    proxy: str
    key: str
    clients: list[str]


class ClientFile(BaseModel):
    path: str
    text: str


class ClientConfig(BaseModel):
    """Files to write, or lines for a shell."""

    client: str
    files: list[ClientFile]
    lines: list[str]
    notes: list[str]


@router.get("/connect", summary="Where the proxy is, and the clients whose configuration is known")
async def clients(request: Request) -> Clients:
    return Clients(proxy=_address(request), key=client_configs.KEY, clients=list(client_configs.CLIENTS))


@router.get("/connect/{name}", summary="The configuration of one client")
async def client(request: Request, service: Held, name: str) -> ClientConfig:
    make = client_configs.CLIENTS.get(name)
    if make is None:
        raise NotFound(f"no client `{short(name)}`", hint=f"one of: {', '.join(client_configs.CLIENTS)}")
    state = await now(service)
    state.need()
    offered = client_configs.choices(views.all_routes(state), views.catalog(state.desired, state.unset))
    if not offered:
        raise NotFound("there is no chat model to offer")
    config = make(client_configs.Setup(_address(request), tuple(offered)))
    files = [ClientFile(path=str(file.path), text=file.text) for file in config.files]
    return ClientConfig(client=name, files=files, lines=list(config.lines), notes=list(config.notes))


def _address(request: Request) -> str:
    return project.proxy_url(request.app.state.settings.state).rstrip("/").removesuffix("/v1")
