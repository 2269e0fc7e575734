"""The pictures of the page, on a day of invented traffic: `PYTHONPATH=tests python scripts/page_picture.py docs`."""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from pathlib import Path

from modelctl import shipped
from modelctl.state.selection import HistoryEntry, Selection
from support.browser import launched
from support.page import World
from support.traffic import HOUR, fill, flow, switched

SIZE = {"width": 1240, "height": 760}
KEYS = dict.fromkeys(("OPENAI_API_KEY", "ANTHROPIC_API_KEY"), "none")
ROUTES = """
active:
  description: The default model of every application.
  target: claude-sonnet-5
  fallbacks: [claude-haiku-5-5]
  guard: {error_rate: 0.2}
coding: {target: claude-opus-5, description: The assistants in editors.}
"""
WHY = "31 of 118 calls of `claude-sonnet-5` failed (26%, 20% is the limit) within 1 min"


def traffic(state: Path) -> None:
    now = time.time()
    moved = now - 6 * HOUR
    flows = (
        flow("active", "claude-sonnet-5", "anthropic", 5, 2.6, first=0.7, usd=0.009, fails=0.006, until=moved),
        flow("active", "claude-sonnet-5", "anthropic", 2, 6, first=1.9, fails=0.3, since=moved - HOUR, until=moved),
        flow("active", "claude-haiku-5-5", "anthropic", 6, 0.9, first=0.3, usd=0.002, fails=0.002, since=moved),
        flow("coding", "claude-opus-5", "anthropic", 1.4, 5.2, first=1.0, usd=0.03, fails=0.004),
    )
    fill(state, flows, now - 30 * HOUR, now)
    published = HistoryEntry("publish", now - 17 * HOUR, "catalog", None, "5f3a90c1", "b81c22d7", None, "b81c22d7")
    left = HistoryEntry("select", moved, "guard", "active", "claude-sonnet-5", "claude-haiku-5-5", WHY)
    guard = Selection(left.after or "", "claude-sonnet-5", "guard", moved, WHY, guarded="claude-sonnet-5")
    switched(state, published, left, active=guard)


def main(target: Path) -> None:
    with tempfile.TemporaryDirectory() as folder, launched() as browser:
        catalog, state = Path(folder) / "catalog", Path(folder) / "state"
        shutil.copytree(shipped.catalog(), catalog)
        (catalog / "routes.yaml").write_text(ROUTES)
        state.mkdir()
        traffic(state)
        world = World(Path(folder), browser, catalog, KEYS)
        try:
            page = world.visit(viewport=SIZE).open()
            page.locator(".counted .row .use path").first.wait_for()
            page.screenshot(path=target / "page.png", animations="disabled")
            page.goto("/#usage")
            page.locator(".before-after td").first.wait_for()
            page.screenshot(path=target / "page-usage.png", animations="disabled")
        finally:
            world.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
