"""The application: routes, who may ask, one envelope for errors, an OpenAPI that tells the truth."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

from modelctl import __version__, web
from modelctl.api import (
    block_endpoint,
    compare_endpoint,
    connect_endpoint,
    control_endpoint,
    custom_endpoint,
    demo_endpoint,
    docs_page,
    error_envelope,
    event_stream,
    health_endpoint,
    metrics_endpoint,
    models_dev,
    models_endpoint,
    plan_endpoint,
    presets_endpoint,
    requests_endpoint,
    rules_endpoint,
    store_endpoint,
    usage_endpoint,
)
from modelctl.api.audit import Audit, audit_to
from modelctl.api.file_answers import Authoring
from modelctl.api.guard import Origins, Peers, Roles
from modelctl.api.replies import Cache
from modelctl.api.request_bodies import Envelope
from modelctl.api.token_holders import TokenHolders
from modelctl.project import Settings
from modelctl.service import Service
from modelctl.service.comparison import Compares
from modelctl.store.request_store import RequestStore
from modelctl.store.usage_store import UsageStore, usage_folder
from modelctl.web import shadcn_registry

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]
FAILURES = {
    "400": "malformed",
    "401": "no valid token",
    "403": "foreign host or origin, or a token of a lower role",
    "404": "no such model, provider or route",
    "409": "refused; the problems say why",
    "412": "If-Match is not the present state",
    "503": "the store is down",
}

SECTIONS = (
    store_endpoint,  # first: hundreds of workers ask it at once
    models_endpoint, block_endpoint, custom_endpoint, compare_endpoint, presets_endpoint, rules_endpoint,
    control_endpoint, plan_endpoint, event_stream, models_dev, connect_endpoint, demo_endpoint, usage_endpoint,
    health_endpoint, requests_endpoint, metrics_endpoint, docs_page, web, shadcn_registry,
)  # fmt: skip


def create_app(
    service: Service,
    settings: Settings,
    *,
    loopback: bool = True,
    lifespan: Lifespan | None = None,
    peers: Peers | None = None,
) -> FastAPI:
    """`loopback`: only this machine can reach the server; then writes need no token.

    `peers` says who at the other end of a connection may write without one.
    """
    origins = settings.cors_origins
    holders = TokenHolders(settings.tokens, settings.token_file)
    app = FastAPI(
        title="modelctl", version=__version__, lifespan=lifespan, docs_url=None, redoc_url=None, redirect_slashes=False,
        middleware=[
            Middleware(error_envelope.LastResort),
            Middleware(Audit, put=audit_to(settings.audit, settings.state)),
            Middleware(Origins, loopback=loopback, origins=origins, hosts=settings.allowed_hosts),
            Middleware(
                CORSMiddleware, allow_origins=list(origins), allow_methods=["GET", "POST", "PUT", "DELETE"],
                expose_headers=["ETag"],
                allow_headers=["Authorization", "Content-Type", "If-Match", "If-None-Match"],
            ),
            Middleware(Roles, holders=holders, peers=peers, reads=settings.private_reads),
        ],
    )  # fmt: skip
    app.state.service, app.state.cache, app.state.settings = service, Cache(), settings
    beside = usage_folder(settings.store, settings.state)
    app.state.usage, app.state.requests = UsageStore(beside), RequestStore(beside)
    app.state.feed = event_stream.Feed(service)
    app.state.store_feeds = store_endpoint.StoreFeeds(service, app.state.usage)
    app.state.authoring, app.state.compares = Authoring(service, settings), Compares()
    error_envelope.install(app)
    for module in SECTIONS:
        app.include_router(module.router)
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]
    return app


def _openapi(app: FastAPI) -> dict[str, Any]:
    """FastAPI's own, with our envelope in place of the 422 that we never send."""
    if app.openapi_schema is None:
        schema = get_openapi(title=app.title, version=app.version, routes=app.routes)
        schemas = schema.setdefault("components", {}).setdefault("schemas", {})
        for name in ("HTTPValidationError", "ValidationError"):
            schemas.pop(name, None)
        made = Envelope.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas.update(made.pop("$defs"), Envelope=made)
        line = compare_endpoint.StreamLine.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas.update(line.pop("$defs"), Line=line)
        for method, operation in (each for path in schema["paths"].values() for each in path.items()):
            _tell_failures(method, operation)
        app.openapi_schema = schema
    return app.openapi_schema


def _tell_failures(method: str, operation: dict[str, Any]) -> None:
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Envelope"}}}
    operation["responses"].pop("422", None)
    for status, text in FAILURES.items():
        if method != "get" or status in ("400", "403", "404", "503"):
            operation["responses"].setdefault(status, {"description": text, "content": content})
