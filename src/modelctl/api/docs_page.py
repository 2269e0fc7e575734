"""`/docs`: the OpenAPI as one plain page. Made here because the usual page loads its parts from elsewhere."""

from __future__ import annotations

import json
from html import escape
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

router = APIRouter(include_in_schema=False)
_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>modelctl API</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>
:root{{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}}
body{{max-width:52rem;margin:2rem auto;padding:0 1rem}}
code,pre{{font:14px/1.5 ui-monospace,monospace}}
pre{{overflow:auto;padding:.75rem;border:1px solid #8886;border-radius:6px}}
summary{{cursor:pointer;padding:.4rem 0}}summary b{{display:inline-block;min-width:3.5rem}}
</style><h1>modelctl {version}</h1>
<p>The same for machines: <a href="/openapi.json">/openapi.json</a>.</p>{body}</html>"""
_SAFE = {
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
    "x-content-type-options": "nosniff",
}


@router.get("/docs")
async def docs(request: Request) -> Response:
    schema = request.app.openapi()
    body = "".join(
        _operation(method, path, each, schema)
        for path, methods in schema["paths"].items()
        for method, each in methods.items()
    )
    return HTMLResponse(_PAGE.format(version=escape(schema["info"]["version"]), body=body), headers=_SAFE)


def _operation(method: str, path: str, operation: dict[str, Any], schema: dict[str, Any]) -> str:
    parts = [f"<p>{escape(operation['description'])}</p>"] if operation.get("description") else []
    if asked := _asked(operation, schema):
        parts.append(f"<p>takes</p><pre>{escape(json.dumps(asked, indent=2))}</pre>")
    answers = "".join(f"<li><code>{code}</code> {escape(one['description'])}" for code, one in _answers(operation))
    head = f"<b>{method.upper()}</b> <code>{escape(path)}</code> {escape(operation.get('summary', ''))}"
    return f"<details><summary>{head}</summary>{''.join(parts)}<p>answers</p><ul>{answers}</ul></details>"


def _answers(operation: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return sorted(operation["responses"].items())


def _asked(operation: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """Parameters and the fields of the body, by name."""
    asked = {
        f"{parameter['name']} ({parameter['in']})": parameter["schema"] for parameter in operation.get("parameters", ())
    }
    body = json.dumps(operation.get("requestBody", {}))
    for name, one in schema["components"]["schemas"].items():
        if f'"#/components/schemas/{name}"' in body:
            asked |= one["properties"]
    return asked
