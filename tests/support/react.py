"""The React drop-in as its users get it: put by the real shadcn CLI into a copy of a minimal project."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from support.node import node_folder
from support.plane import Plane, write_catalog

HOME = Path(__file__).parent.parent / "react"
PACKAGES = HOME / "node_modules"
SELECT = Path("src/components/ui/select.tsx")
COLOURS = {
    "inlineColors": {"light": {}, "dark": {}},
    "cssVars": {"light": {}, "dark": {}},
    "inlineColorsTemplate": "",
    "cssVarsTemplate": "",
}


def node(script: Path, *arguments: str | Path, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """A program of the tests' packages. Each question that it asks is answered with no."""
    return subprocess.run(
        [node_folder() / "node", script, *arguments], cwd=cwd, input="n\n" * 20, capture_output=True, text=True,
        timeout=120, env={**os.environ, "PATH": f"{node_folder()}{os.pathsep}{os.environ['PATH']}", **env},
    )  # fmt: skip


def minimal(folder: Path) -> Path:
    """A copy of the minimal project, with its packages."""
    project = folder / "project"
    shutil.copytree(HOME / "minimal", project)
    (project / "node_modules").symlink_to(PACKAGES)
    return project


@contextmanager
def registry(select: str | None = None) -> Iterator[str]:
    """shadcn's own registry, what the CLI asks of it: `select` (by default the minimal project's) and colours."""
    text = (HOME / "minimal" / SELECT).read_text() if select is None else select
    file = {"path": "ui/select.tsx", "type": "registry:ui", "content": text}
    answers: dict[str, Any] = {
        "/r/styles/new-york/select.json": {"name": "select", "type": "registry:ui", "files": [file]},
        "/r/colors/neutral.json": COLOURS,
    }

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = self.path in answers
            self.send_response(200 if known else 404)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(answers.get(self.path)).encode())

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    with _serving(Handler) as origin:
        yield f"{origin}/r"


def add(project: Path, server: str, select: str | None = None) -> str:
    """`npx shadcn add SERVER/r/model-selector.json`; returns what it says."""
    with registry(select) as url:
        script = PACKAGES / "shadcn" / "dist" / "index.js"
        done = node(script, "add", f"{server}/r/model-selector.json", "--yes", cwd=project, REGISTRY_URL=url)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def installed(folder: Path) -> Path:
    """A minimal project that has it."""
    plane = Plane(write_catalog(folder))
    try:
        project = minimal(folder)
        add(project, plane.url)
        return project
    finally:
        plane.stop()


def compiled(project: Path) -> str:
    """What `tsc --noEmit` finds in it; empty when nothing."""
    return node(PACKAGES / "typescript" / "bin" / "tsc", "--noEmit", "-p", project, cwd=project).stdout


def bundle(project: Path, folder: Path, react: int) -> None:
    """`index.html` and its script in `folder`: the harness's page on that React."""
    folder.mkdir(parents=True, exist_ok=True)
    done = node(HOME / "harness" / "bundle.mjs", project, folder / "page.js", str(react), cwd=HOME)
    assert done.returncode == 0, done.stderr
    (folder / "index.html").write_text(
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>somebody else\'s</title>'
        '<link rel="icon" href="data:,"><div id="root"></div><script type="module" src="page.js"></script></html>'
    )


@contextmanager
def site(folder: Path) -> Iterator[str]:
    """The folder on an origin of its own."""

    class Handler(SimpleHTTPRequestHandler):
        def __init__(self, *args: Any) -> None:
            super().__init__(*args, directory=str(folder))

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    with _serving(Handler) as origin:
        yield origin


@contextmanager
def _serving(handler: Callable[..., BaseHTTPRequestHandler]) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
