"""`/r/NAME.json`: the React drop-in as shadcn registry items, for `npx shadcn add URL`.

Made of the files under `clients/`, so that what is installed is what is served, tested and shipped.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from modelctl.errors import NotFound
from modelctl.web.assets import Asset

CLIENTS = Path(__file__).parents[1] / "clients"
REACT = CLIENTS / "react"
AGENT_UI = CLIENTS / "agent-ui"
SHARED = (
    *("model-client.js", "model-events.js", "model-facts.js"),
    *("model-request.js", "model-types.d.ts", "model-updates.js"),
)
KINDS = {"components": "registry:component", "hooks": "registry:hook", "lib": "registry:lib"}
HEADERS = {"x-content-type-options": "nosniff", "cache-control": "no-cache"}
USE = 'Show it with <ModelSelector baseUrl="http://localhost:7777" /> where the control plane is there.'
NEEDS = "It stands on shadcn's select: `npx shadcn add select` where the project has none."


@dataclass(frozen=True)
class Item:
    name: str
    title: str
    docs: str
    needs: tuple[str, ...] = ()
    """Items of shadcn's own registry. With any, the CLI asks ui.shadcn.com even where the project has them."""
    over: Path | None = None
    """A folder whose files replace those of `react/`."""


ITEMS = {
    item.name: item
    for item in (
        Item("model-selector", "Model selector", f"{USE} {NEEDS}"),
        Item("model-selector-with-select", "Model selector and select", USE, needs=("select",)),
        Item(
            "agent-ui-model-selector",
            "Model selector for agent-ui",
            "In src/components/chat/Sidebar/Sidebar.tsx write <ModelSelector /> in the place of <ModelDisplay ... />, "
            "import it from '@/components/ModelSelector', and delete ModelDisplay and the import of getProviderIcon.",
            over=AGENT_UI,
        ),
    )
}

router = APIRouter(include_in_schema=False)


@router.get("/r/{name}.json")
async def registry_item(request: Request, name: str) -> Response:
    if name not in ITEMS:
        raise NotFound(f"there is no /r/{name[:80]}.json; there are {', '.join(ITEMS)}")
    return _asset(name).answer(request.headers, HEADERS)


def content(name: str) -> dict[str, Any]:
    """The item as the CLI reads it: every file with the place where it goes and its text."""
    item = ITEMS[name]
    return {
        "$schema": "https://ui.shadcn.com/schema/registry-item.json",
        "name": item.name,
        "type": "registry:block",
        "title": item.title,
        "description": "Shows which model a modelctl route points to, and switches it.",
        **({"registryDependencies": list(item.needs)} if item.needs else {}),
        "files": [_file(place, text) for place, text in texts(name).items()],
        "docs": item.docs,
    }


def texts(name: str = "model-selector") -> dict[str, str]:
    """Place in the project that it is installed into -> text."""
    over = ITEMS[name].over
    shared = {f"lib/modelctl/{file}": CLIENTS / file for file in SHARED}
    files = _files(REACT) | shared | (_files(over) if over else {})
    # Checked here against our own settings; in a project with older ones the same line would raise false alarms.
    return {place: path.read_text().removeprefix("// @ts-check\n") for place, path in files.items()}


def _files(folder: Path) -> dict[str, Path]:
    return {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}


def _file(place: str, text: str) -> dict[str, str]:
    return {"path": place, "type": KINDS[place.partition("/")[0]], "target": place, "content": text}


@cache
def _asset(name: str) -> Asset:
    return Asset.of(json.dumps(content(name), ensure_ascii=False, indent=2).encode(), "application/json")
