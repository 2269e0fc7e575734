"""Who may ask: host and origin on loopback, a token elsewhere. Pure ASGI, so that streams stay streams."""

from __future__ import annotations

from asyncio import sleep, to_thread
from collections.abc import Callable, Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from modelctl.api.error_envelope import envelope
from modelctl.api.roles import OPEN, READS, grants, needed_role
from modelctl.api.throttle import Slowing
from modelctl.api.token_holders import TokenHolders
from modelctl.project import DEMO_PATH, is_loopback
from modelctl.store.http_wire import BODIES, MOST_BYTES, USAGE, WORKERS

MOST_BODY = 64 * 1024
MOST_PROMPT = 512 * 1024
MOST_CHAT = 8 * 1024 * 1024
LARGER = {
    "/compare": MOST_PROMPT, f"{DEMO_PATH}/chat/completions": MOST_CHAT, f"{DEMO_PATH}/embeddings": MOST_CHAT,
    **dict.fromkeys((BODIES, WORKERS, USAGE), MOST_BYTES),
}  # fmt: skip
"""Paths that take more: bytes."""
Peers = Callable[[tuple[str, int], tuple[str, int]], bool]


class Origins:
    """Refuses what a foreign web page sends: DNS rebinding by Host, cross-site posts by Origin."""

    def __init__(self, app: ASGIApp, *, loopback: bool, origins: Collection[str], hosts: Collection[str]) -> None:
        self.app = app
        self.loopback = loopback
        self.origins = frozenset(origins)
        self.hosts = frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        reason = self._foreign(scope["method"], Headers(scope=scope)) if scope["type"] == "http" else None
        if reason:
            hint = "MODELCTL_ALLOWED_HOSTS and MODELCTL_CORS_ORIGINS add to what is allowed"
            return await envelope(403, "forbidden", reason, hint=hint)(scope, receive, send)
        await self.app(scope, receive, send)

    def _foreign(self, method: str, headers: Headers) -> str | None:
        host, origin = headers.get("host", ""), headers.get("origin")
        if self.loopback and not self._known_host(host):
            return "this Host is not one that the server answers to"
        if method in READS and not self._preflight(method, headers):
            return None
        if origin is not None and origin not in self.origins and not self._same(origin, host):
            return "this Origin may not write here"
        if origin is None and headers.get("sec-fetch-site") in ("cross-site", "same-site"):
            return "a page of another site may not write here"
        return None

    def _known_host(self, host: str) -> bool:
        name = urlsplit(f"//{host}").hostname if _parses(host) else None
        return bool(name) and (is_loopback(str(name)) or name in self.hosts or host in self.hosts)

    @staticmethod
    def _same(origin: str, host: str) -> bool:
        return origin in (f"http://{host}", f"https://{host}")

    @staticmethod
    def _preflight(method: str, headers: Headers) -> bool:
        return method == "OPTIONS" and "access-control-request-method" in headers


class Roles:
    """What a request does needs a token of that role (where there are tokens), and a JSON body of a limited size.

    `reads`: reading needs a token as well, as what workers ask always does. `peers` says, where there are no tokens,
    whether the client belongs to the user of this process.
    """

    def __init__(self, app: ASGIApp, *, holders: TokenHolders, peers: Peers | None = None, reads: bool = False) -> None:
        self.app = app
        self.holders, self.peers, self.reads = holders, peers, reads
        self.slowing = Slowing()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        needed, reads = needed_role(scope["method"], scope["path"]), scope["method"] in READS
        if reads and needed in (OPEN, "read") and not self.reads:
            return await self.app(scope, receive, send)
        if refusal := await self._refusal(scope, needed):
            return await refusal(scope, receive, send)
        if reads:
            return await self.app(scope, receive, send)
        most = LARGER.get(scope["path"], MOST_BODY)
        if problem := _unfit(Headers(scope=scope), most):
            return await envelope(problem[0], problem[1], problem[2])(scope, receive, send)
        await self.app(scope, _bounded(receive, most), send)

    async def _refusal(self, scope: Scope, needed: str) -> Response | None:
        if needed == OPEN:
            return None
        if self.holders.required:
            return await self._without_token(scope, needed)
        if self.peers and not await to_thread(self._of_same_user, scope):
            text = "another user of this machine may not write here without a token"
            hint = "set MODELCTL_TOKEN for the control plane, and give it to those who may write"
            return envelope(403, "forbidden", text, hint=hint)
        return None

    async def _without_token(self, scope: Scope, needed: str) -> Response | None:
        scheme, _, given = Headers(scope=scope).get("authorization", "").partition(" ")
        holder = await to_thread(self.holders.holder, given.strip()) if scheme.lower() == "bearer" else None
        if holder is None:
            await sleep(self.slowing.delay(scope["client"][0] if scope.get("client") else ""))
            text = "this needs a valid token: Authorization: Bearer TOKEN"
            return envelope(401, "unauthorized", text, headers={"www-authenticate": "Bearer"})
        scope.setdefault("state", {}).update(actor=holder.name, role=holder.role)
        if grants(holder.role, needed):
            return None
        text = f"this needs a token of the role `{needed}`; the one that came has `{holder.role}`"
        return envelope(403, "role", text, hint=f"modelctl token add NAME --role {needed}")

    def _of_same_user(self, scope: Scope) -> bool:
        client, server = scope.get("client"), scope.get("server")
        return bool(self.peers and client and server and self.peers(tuple(client), tuple(server)))


def _unfit(headers: Headers, most: int) -> tuple[int, str, str] | None:
    length = headers.get("content-length", "0")
    if length.isdigit() and int(length) > most:
        return 413, "too_large", f"a body may have at most {most} bytes"
    has_body = length != "0" or "transfer-encoding" in headers
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if has_body and kind != "application/json":
        return 400, "bad_request", "the body must come as Content-Type: application/json"
    return None


def _bounded(receive: Receive, most: int) -> Receive:
    """A chunked body has no length: reading stops at the limit."""
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        return {"type": "http.disconnect"} if seen > most else message

    return counted


def _parses(host: str) -> bool:
    try:
        urlsplit(f"//{host}")
    except ValueError:
        return False
    return True
