"""The provider behind every deployment of a trial: a server on loopback that answers, fails on demand and remembers.

A deployment is told by its path (`/d3/v1/...`), a request by marks in its text: `[ask 17]` names it and
`[fail 3 4]` says which deployments fail it. So requests need not wait for each other.
"""

from __future__ import annotations

import json
import re
import threading
from collections import defaultdict
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from modelctl.trial import protocols

_PATH = re.compile(r"/d(\d+)(/.*)")
_ASK, _FAIL = re.compile(r"\[ask (\d+)\]"), re.compile(r"\[fail ([\d ]+)\]")


@dataclass(frozen=True)
class Received:
    """One request as a deployment's provider would have had it."""

    deployment: int
    path: str
    body: dict[str, Any]
    status: int


def marks(number: int, failing: tuple[int, ...] = ()) -> str:
    fails = f" [fail {' '.join(str(each) for each in failing)}]" if failing else ""
    return f"[ask {number}]{fails} Say hello."


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignores connections that a LiteLLM drops when it ends."""


class Upstream:
    """A context manager that serves; `url` has no path."""

    def __init__(self) -> None:
        self._received: dict[int, list[Received]] = defaultdict(list)
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self.strangers: list[str] = []  # hosts that a LiteLLM tried to reach through us

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()

    def received(self, number: int) -> list[Received]:
        """What arrived for one request, oldest first."""
        return self._received.pop(number, [])

    def take(self, path: str, raw: bytes) -> tuple[int, protocols.Answer]:
        match = _PATH.fullmatch(path.partition("?")[0])
        text = raw.decode("utf-8", "replace")
        asked, failing = _ASK.search(text), _FAIL.search(text)
        body = _body(text)
        if match is None:
            return 404, _error(f"nothing here: {path}")
        deployment, fails = int(match[1]), (failing[1].split() if failing else [])
        answer = None if match[1] in fails else protocols.answer(match[2], body)
        status = 200 if answer else 500 if match[1] in fails else 404
        if asked:
            self._received[int(asked[1])].append(Received(deployment, match[2], body, status))
        return status, answer or _error("this deployment fails on demand" if status == 500 else f"no {match[2]} here")


def _body(text: str) -> dict[str, Any]:
    try:
        body = json.loads(text)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _error(message: str) -> protocols.Answer:
    error = {"error": {"message": message, "type": "server_error", "code": "500"}}
    return "application/json", iter([json.dumps(error).encode()])


def _handler(upstream: Upstream) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("content-length") or 0))
            status, (kind, body) = upstream.take(self.path, raw)
            whole = b"".join(body)
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(whole)))
            self.end_headers()
            self.wfile.write(whole)

        do_GET = do_POST

        def do_CONNECT(self) -> None:
            upstream.strangers.append(self.path)
            self.send_error(502)

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    return Handler
