"""The sections of the page. One appears when its module and the API that it shows exist."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fastapi import FastAPI


@dataclass(frozen=True)
class Section:
    """`/web/<id>.js` exports `mount(panel, page)`, which fills the section when it is first shown."""

    id: str
    title: str
    needs: str  # path of the API


SECTIONS = (
    Section("models", "Models", "/models/list"),
    Section("routes", "Routes", "/routes"),
    Section("chat", "Chat", "/compare"),
    Section("compare", "Compare", "/compare"),
    Section("presets", "Presets", "/presets"),
    Section("custom", "Custom models", "/models/custom"),
    Section("connect", "Connect", "/connect"),
    Section("usage", "Usage", "/usage"),
    Section("history", "History", "/history"),
    Section("status", "Status", "/status"),
)


def present(app: FastAPI) -> list[Section]:
    paths = app.openapi()["paths"]
    folder = Path(__file__).parent
    return [each for each in SECTIONS if each.needs in paths and (folder / f"{each.id}.js").is_file()]
