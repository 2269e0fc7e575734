"""Which role an endpoint needs. One table: who adds an endpoint gives it a row, and a test holds that each has one."""

from __future__ import annotations

from re import Pattern

from starlette.routing import compile_path

from modelctl.system.token_file import ROLES

OPEN = "open"  # no token, whoever asks: what a browser, a probe and LiteLLM ask without one
READS = frozenset({"GET", "HEAD", "OPTIONS"})
NEEDED = {
    "GET /": OPEN,
    "GET /web/{name}": OPEN,
    "GET /clients/{name}": OPEN,
    "GET /r/{name}.json": OPEN,
    "GET /docs": OPEN,
    "GET /openapi.json": OPEN,
    "GET /healthz": OPEN,
    "GET /readyz": OPEN,
    "GET /demo/v1/{rest:path}": OPEN,
    "POST /demo/v1/{rest:path}": OPEN,  # it writes nothing
    "GET /api.json": "read",
    "GET /connect": "read",
    "GET /connect/{name}": "read",
    "GET /desired": "read",
    "GET /events": "read",
    "GET /health": "read",
    "GET /history": "read",
    "GET /metrics": "read",
    "GET /metrics/grafana.json": "read",
    "GET /models/blocked": "read",
    "GET /models/current": "read",
    "GET /models/custom": "read",
    "GET /models/custom/schema": "read",
    "GET /models/custom/{provider}/{id:path}": "read",
    "GET /models/list": "read",
    "GET /models/providers": "read",
    "GET /plan": "read",
    "GET /presets": "read",
    "GET /requests/{id:path}": "read",
    "GET /routes": "read",
    "GET /rules/{id}": "read",
    "GET /status": "read",
    "GET /usage": "read",
    "POST /models/custom/check": "read",
    "GET /store/head": "worker",
    "GET /store/revisions/{revision}": "worker",
    "POST /store/bodies": "worker",
    "POST /store/workers": "worker",
    "DELETE /store/workers/{id:path}": "worker",
    "POST /store/usage": "worker",
    "POST /store/requests": "worker",
    "POST /models/select": "select",
    "POST /models/block": "select",
    "POST /models/unblock": "select",
    "POST /rollback": "select",
    "POST /health/clear": "select",
    "POST /presets/{name:path}/apply": "select",
    "POST /compare": "select",  # costs money
    "POST /compare/{id}/stop": "select",
    "POST /models/custom/test": "edit",
    "POST /models/custom": "edit",
    "PUT /models/custom/{provider}/{id:path}": "edit",
    "DELETE /models/custom/{provider}/{id:path}": "edit",
    "POST /presets": "edit",
    "PUT /presets/{name:path}": "edit",
    "DELETE /presets/{name:path}": "edit",
    "POST /models/refresh": "edit",
    "POST /apply": "edit",
}


def needed_role(method: str, path: str) -> str:
    """OPEN, or the least role that may ask. What has no row needs the highest."""
    if method == "OPTIONS":
        return OPEN
    asked = "GET" if method == "HEAD" else method
    rows = (role for verb, pattern, role in _ROWS if verb == asked and pattern.match(path))
    return next(rows, "read" if asked == "GET" else ROLES[-1])


def grants(held: str, needed: str) -> bool:
    """Whether a token of role `held` may do what needs `needed`. Who may select may not speak for a worker."""
    if needed == "worker":
        return held in ("worker", ROLES[-1])
    return needed == OPEN or ROLES.index(held) >= ROLES.index(needed)


def _row(line: str, role: str) -> tuple[str, Pattern[str], str]:
    method, _, path = line.partition(" ")
    return method, compile_path(path)[0], role


_ROWS = tuple(_row(line, role) for line, role in NEEDED.items())
