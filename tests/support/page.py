"""A team's catalog, a control plane that really runs on it, two workers played beside it, and who visits."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser

from modelctl.store.usage_store import DAY, Retention, UsageStore
from support.browser import Visit
from support.played_workers import Fleet
from support.serve_process import ControlPlane

CHAT = {"mode": "chat", "supports_tools": True, "supports_streaming": True}
ACME = {
    "name": "Acme",
    "litellm_provider": "openai",
    "api_base": "http://localhost:9/v1",
    "api_key": "os.environ/ACME_KEY",
    "color": "#c2410c",
    "models": {
        "alpha": {
            **CHAT,
            "name": "Alpha",
            "description": "Sees and uses tools.",
            "context_window": 128000,
            "supports_vision": True,
            "price": {"input": 1, "output": 2},
            "tags": ["chat", "cheap"],
        },
        "beta": {
            "mode": "chat",
            "supports_tools": False,
            "name": "Beta",
            "context_window": 8000,
            "price": {"input": 0.1, "output": 0.2},
        },
        "gamma": {
            **CHAT,
            "name": "Gamma",
            "context_window": 1000000,
            "is_reasoning": True,
            "price": {"input": 10, "output": 50},
        },
        "elder": {
            **CHAT,
            "name": "Elder",
            "lifecycle": {"status": "retired", "retires": "2024-01-02", "successor": "alpha"},
        },
        "vectors": {"mode": "embedding", "name": "Vectors", "context_window": 8000},
        "painter": {"mode": "image_generation", "name": "Painter"},
    },
}
ZETA = {
    "name": "Zeta Works",
    "litellm_provider": "openai",
    "api_base": "http://localhost:9/v1",
    "api_key": "os.environ/ZETA_KEY",
    "models": {"zed": {**CHAT, "name": "Zed", "context_window": 64000, "price": {"input": 3, "output": 6}}},
}
ROUTES = {
    "active": {"target": "alpha", "requires": {"tools": True}, "description": "What every application calls."},
    "search": {"target": "vectors", "requires": {"mode": "embedding"}},
}


class World:
    """`plane`, `fleet` (two workers) and the catalog's folder; `visit()` brings another person."""

    def __init__(self, folder: Path, browser: Browser, catalog: Path, env: dict[str, str] | None = None) -> None:
        self.catalog, self._browser = catalog, browser
        self.state = folder / "state"
        self.plane = ControlPlane(folder, catalog, self.state, env).start()
        self.fleet = Fleet(self.state, "w1", "w2")
        self.visits: list[Visit] = []

    def visit(self, **options: Any) -> Visit:
        visit = Visit(self._browser, self.plane.url, **options)
        self.visits.append(visit)
        return visit

    def reset(self) -> None:
        """As it was at the beginning: nobody here, every route on its default, no model blocked, every worker well,
        nothing counted.
        """
        self._send_home()
        self.fleet.reset()
        for blocked in self.plane.http.get("/models/blocked").json():
            self.plane.http.post("/models/unblock", json={"model_id": blocked["model"]}).raise_for_status()
        for route in self.plane.http.get("/routes").json():
            while self.plane.http.post("/rollback", json={"route": route["route"]}).status_code == 200:
                pass
        kept = UsageStore(self.state)
        kept.age(time.time() + DAY, Retention(0, 0, 0))
        kept.close()

    def target(self, route: str = "active") -> str:
        return str(self.plane.current(route)["target"])

    def history(self, route: str = "active") -> list[dict[str, Any]]:
        return list(self.plane.http.get("/history", params={"route": route}).raise_for_status().json())

    def stop(self) -> None:
        try:
            self._send_home()
        finally:
            self.fleet.stop()
            self.plane.stop()

    def _send_home(self) -> None:
        while self.visits:
            self.visits.pop().close()
