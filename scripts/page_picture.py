"""The picture of the page in the README: `PYTHONPATH=tests python scripts/page_picture.py docs/page.png`."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from modelctl import shipped
from support.browser import launched
from support.page import World

SIZE = {"width": 1240, "height": 760}


def main(target: Path) -> None:
    with tempfile.TemporaryDirectory() as folder, launched() as browser:
        catalog = Path(folder) / "catalog"
        shutil.copytree(shipped.catalog(), catalog)
        world = World(Path(folder), browser, catalog)
        try:
            page = world.visit(viewport=SIZE).open()
            page.get_by_text("GPT-5 Mini", exact=True).first.wait_for()
            page.screenshot(path=target, animations="disabled")
        finally:
            world.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
