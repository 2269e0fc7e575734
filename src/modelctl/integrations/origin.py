"""Our API on the origin of another FastAPI app: the same paths, answered in that process from the store."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Receive, Scope, Send

from modelctl import project
from modelctl.api.application import create_app
from modelctl.api.error_envelope import envelope
from modelctl.api.guard import Roles
from modelctl.api.roles import READS
from modelctl.api.token_holders import TokenHolders
from modelctl.control_plane.serve import make_service
from modelctl.project import Settings
from modelctl.system.state_folder import make_state

THEIRS = frozenset({"", "docs", "openapi.json", "metrics"})  # what apps of their own usually serve there
ADMIN = "agent_os:admin"


def mount(app: FastAPI, *, settings: Settings | None = None) -> FastAPI:
    """Answer `/models/*`, `/routes`, `/history`, `/rollback`, `/status`, `/events` and so on from `app`; returns `app`.

    Call it before the app serves: on the app that AgentOS made (`agent_os.get_app()`) or on the one that is
    handed to it (`base_app=`). Nothing is served under `/`, `/docs`, `/openapi.json` and `/metrics`; those stay the
    app's own. The origins that we allow (MODELCTL_CORS_ORIGINS) are allowed on the whole app, and the app's on ours.

    Who may ask: AgentOS checks its own callers first (OS_SECURITY_KEY or JWT; then reads need its token too),
    and whom it let in may switch; with AgentOS's scopes on, only `agent_os:admin` may. Where AgentOS checks nobody,
    writes need MODELCTL_TOKEN; where there is none either, they must come from this machine.

    `settings` default to what `modelctl` itself would use here (MODELCTL_STATE, MODELCTL_STORE, the project's folder).
    """
    settings = settings or project.resolve()
    make_state(settings.state)
    _allow(app, settings.cors_origins)
    app.router.routes.insert(0, Control(app, settings))
    return app


class Control(BaseRoute):
    """A route that takes every path of ours and leaves the rest."""

    path = ""  # apps that list their routes find nothing to collide with

    def __init__(self, host: FastAPI, settings: Settings) -> None:
        self._host, self._settings = host, settings
        self._service = make_service(settings)
        self._holders = TokenHolders(settings.tokens, settings.token_file)
        # The guards are those of the server; the token is looked at here, since AgentOS may have done so already.
        self._segments = frozenset(path.split("/")[1] for path in self._app(True).openapi()["paths"]) - THEIRS
        self._made: dict[bool, ASGIApp] = {}

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        ours = (
            scope["type"] == "http" and scope["path"].split("/")[1:2] and scope["path"].split("/")[1] in self._segments
        )
        return (Match.FULL, {}) if ours else (Match.NONE, {})

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        caller: dict[str, Any] = dict(scope.get("state") or {})
        known = caller.get("authenticated") is True
        inner = {**scope, "state": {"actor": str(caller["user_id"])} if known and caller.get("user_id") else {}}
        reason = None if scope["method"] in READS else self._refusal(scope, caller, known)
        if reason:
            hint = "set MODELCTL_TOKEN, or OS_SECURITY_KEY for all of AgentOS"
            return await envelope(403, "forbidden", reason, hint=hint)(scope, receive, send)
        app = self._ready(loopback=not known and not self._holders.required)
        await (app if known else Roles(app, holders=self._holders))(inner, receive, send)

    def _refusal(self, scope: Scope, caller: dict[str, Any], known: bool) -> str | None:
        """Why this caller may not write, as far as the app around us tells."""
        if known and caller.get("authorization_enabled"):
            admin = caller.get("admin_scope") or ADMIN
            return None if admin in (caller.get("scopes") or ()) else f"this needs the scope {admin}"
        client = scope.get("client")
        if known or self._holders.required or (client and project.is_loopback(client[0])):
            return None
        return "nobody checks callers here, so writes must come from this machine"

    def _ready(self, loopback: bool) -> ASGIApp:
        """Made with the first request: by then the app around us has all its origins."""
        if loopback not in self._made:
            self._made[loopback] = self._app(loopback)
        return self._made[loopback]

    def _app(self, loopback: bool) -> FastAPI:
        origins = tuple(dict.fromkeys([*self._settings.cors_origins, *_origins(self._host)]))
        settings = replace(self._settings, tokens={}, token_file=None, cors_origins=origins)
        return create_app(self._service, settings, loopback=loopback)


def _cors(app: FastAPI) -> list[dict[str, Any]]:
    """The options of each CORS middleware that the app has."""
    return [
        each.kwargs
        for each in app.user_middleware
        if isinstance(each.cls, type) and issubclass(each.cls, CORSMiddleware)
    ]


def _origins(app: FastAPI) -> list[str]:
    """A wildcard lets pages read, but never switch."""
    origins = [origin for options in _cors(app) for origin in options.get("allow_origins", ())]
    return [origin for origin in origins if origin != "*"]


def _allow(app: FastAPI, origins: Iterable[str]) -> None:
    present = _cors(app)
    for options in present:
        options["allow_origins"] = list(dict.fromkeys([*options.get("allow_origins", ()), *origins]))
    if not present:
        app.add_middleware(
            CORSMiddleware, allow_origins=list(origins), allow_methods=["*"], allow_headers=["*"],
            expose_headers=["ETag"],
        )  # fmt: skip
