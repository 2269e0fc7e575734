"""`/r/model-selector.json`: the React drop-in as a shadcn registry item, for `npx shadcn add URL`.

Made of the files under `clients/`, so that what is installed is what is served, tested and shipped.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from modelctl.web.assets import Asset

CLIENTS = Path(__file__).parents[1] / "clients"
REACT = CLIENTS / "react"
SHARED = ("model-client.js", "model-events.js", "model-facts.js", "model-request.js", "model-types.d.ts")
KINDS = {"components": "registry:component", "hooks": "registry:hook", "lib": "registry:lib"}
HEADERS = {"x-content-type-options": "nosniff", "cache-control": "no-cache"}

router = APIRouter(include_in_schema=False)


@router.get("/r/model-selector.json")
async def model_selector(request: Request) -> Response:
    return _asset().answer(request.headers, HEADERS)


def item() -> dict[str, Any]:
    """The item as the CLI reads it: every file with the place where it goes and its text."""
    return {
        "$schema": "https://ui.shadcn.com/schema/registry-item.json",
        "name": "model-selector",
        "type": "registry:block",
        "title": "Model selector",
        "description": "Shows which model a modelctl route points to, and switches it.",
        "registryDependencies": ["select"],
        "files": [_file(place, text) for place, text in texts().items()],
        "docs": 'Show it with <ModelSelector baseUrl="http://localhost:7777" /> where the control plane is there.',
    }


def texts() -> dict[str, str]:
    """Place in the project that it is installed into -> text."""
    own = {path.relative_to(REACT).as_posix(): path for path in sorted(REACT.rglob("*")) if path.is_file()}
    shared = {f"lib/modelctl/{name}": CLIENTS / name for name in SHARED}
    # Checked here against our own settings; in a project with older ones the same line would raise false alarms.
    return {place: path.read_text().removeprefix("// @ts-check\n") for place, path in (own | shared).items()}


def _file(place: str, text: str) -> dict[str, str]:
    return {"path": place, "type": KINDS[place.partition("/")[0]], "target": place, "content": text}


@cache
def _asset() -> Asset:
    return Asset.of(json.dumps(item(), ensure_ascii=False, indent=2).encode(), "application/json")
