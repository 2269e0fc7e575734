"""Answers with ETags. `"v12-1f0c"`: what comes before the dash is the version, after it the content.

`If-None-Match` looks at the content, `If-Match` at the version, so the ETag of any read can guard any
write: it is refused when anything was published or selected since.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from asyncio import to_thread
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from starlette.responses import Response

from modelctl.errors import Stale
from modelctl.service import Service, Snapshot

_TAG = re.compile(r'(?:W/)?"v(\d+)-([0-9a-f]+)"')
_WORTH_PACKING = 1400  # bytes; a smaller body fits into one packet anyway


def ok(shape: Any, **other: Any) -> dict[int | str, dict[str, Any]]:
    """For `responses=`: documents the answers, and does not check them at run time."""
    return {200: {"model": shape}, **{int(status[1:]): {"model": model} for status, model in other.items()}}


@dataclass(frozen=True)
class ReplyBody:
    """A JSON body, compressed once."""

    plain: bytes
    packed: bytes | None
    digest: str

    @classmethod
    def of(cls, value: Any) -> ReplyBody:
        plain = json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "replace")
        packed = gzip.compress(plain, 6, mtime=0) if len(plain) > _WORTH_PACKING else None
        return cls(plain, packed, hashlib.sha256(plain).hexdigest()[:16])


class Cache:
    """Caches the last body under a name, while its key stays equal."""

    def __init__(self) -> None:
        self._cached: dict[str, tuple[Hashable, ReplyBody]] = {}

    async def body(self, name: str, key: Hashable, make: Callable[[], Any]) -> ReplyBody:
        cached = self._cached.get(name)
        if cached is None or cached[0] != key:
            cached = key, await to_thread(lambda: ReplyBody.of(make()))
            self._cached[name] = cached
        return cached[1]


async def now(service: Service) -> Snapshot:
    """The current snapshot; leaves the event loop only when something changed."""
    fresh = service.fresh()
    return fresh if fresh is not None else await to_thread(service.snapshot)


def etag(version: int, digest: str) -> str:
    return f'"v{version}-{digest}"'


def reply(request: Request, body: ReplyBody, version: int) -> Response:
    """200 with the body (packed where the client takes that), or 304."""
    headers = {"etag": etag(version, body.digest), "cache-control": "no-cache", "vary": "accept-encoding"}
    if _matches(request.headers.get("if-none-match"), body.digest):
        return Response(status_code=304, headers=headers)
    if body.packed and "gzip" in request.headers.get("accept-encoding", ""):
        return Response(body.packed, 200, {**headers, "content-encoding": "gzip"}, "application/json")
    return Response(body.plain, 200, headers, "application/json")


def answer(request: Request, value: Any, version: int) -> Response:
    return reply(request, ReplyBody.of(value), version)


def written(value: Any, version: int) -> Response:
    """The answer to a write: it carries the version that it made."""
    body = ReplyBody.of(value)
    return Response(
        body.plain, 200, {"etag": etag(version, body.digest), "cache-control": "no-store"}, "application/json"
    )


def expected(if_match: str | None) -> int | None:
    """The version in `if_match`; None where the write has no condition. Raises Stale for a foreign ETag."""
    if if_match is None or if_match.strip() == "*":
        return None
    match = _TAG.search(if_match)
    if not match:
        raise Stale("If-Match holds no ETag of this server")
    return int(match[1])


async def if_current(service: Service, if_match: str | None) -> None:
    """For writes that are not decided on a snapshot: raises Stale where the state is no longer that of `if_match`."""
    expect = expected(if_match)
    if expect is not None and (version := (await now(service)).head.version) != expect:
        raise Stale(f"the state is at version {version}, not {expect}", hint="read again")


def _matches(if_none_match: str | None, digest: str) -> bool:
    if if_none_match is None:
        return False
    return if_none_match.strip() == "*" or any(found[2] == digest for found in _TAG.finditer(if_none_match))
