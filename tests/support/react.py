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

from support.api_server import Plane, write_catalog
from support.node import node_folder

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


def minimal(folder: Path, kind: str = "minimal") -> Path:
    """A copy of the minimal project (or of the one that looks like agent-ui), with its packages."""
    project = folder / "project"
    shutil.copytree(HOME / kind, project)
    (project / "node_modules").symlink_to(PACKAGES)
    return project


@contextmanager
def registry(select: str | None = None, asked: list[str] | None = None) -> Iterator[str]:
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
            if asked is not None:
                asked.append(self.path)
            self.send_response(200 if known else 404)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(answers.get(self.path)).encode())

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    with _serving(Handler) as origin:
        yield f"{origin}/r"


def add(
    project: Path,
    server: str,
    select: str | None = None,
    item: str = "model-selector",
    asked: list[str] | None = None,
) -> str:
    """`npx shadcn add SERVER/r/ITEM.json`; returns what it says. `asked`: what it asks of shadcn's own registry."""
    with registry(select, asked) as url:
        script = PACKAGES / "shadcn" / "dist" / "index.js"
        done = node(script, "add", f"{server}/r/{item}.json", "--yes", cwd=project, REGISTRY_URL=url)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def installed(folder: Path, kind: str = "minimal", item: str = "model-selector") -> Path:
    """A minimal project that has it."""
    plane = Plane(write_catalog(folder))
    try:
        project = minimal(folder, kind)
        add(project, plane.url, item=item)
        return project
    finally:
        plane.stop()


def compiled(project: Path) -> str:
    """What `tsc --noEmit` finds in it; empty when nothing."""
    return node(PACKAGES / "typescript" / "bin" / "tsc", "--noEmit", "-p", project, cwd=project).stdout


def bundle(project: Path, folder: Path, react: int, entry: Path = HOME / "harness" / "page.tsx") -> None:
    """`index.html` and its script in `folder`: the harness's page on that React."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "page.css").touch()
    done = node(HOME / "harness" / "bundle.mjs", project, folder / "page.js", str(react), entry, cwd=HOME)
    assert done.returncode == 0, done.stderr
    (folder / "index.html").write_text(
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>somebody else\'s</title>'
        '<link rel="icon" href="data:,"><link rel="stylesheet" href="page.css">'
        '<div id="root"></div><script type="module" src="page.js"></script></html>'
    )


def styles(project: Path, file: Path) -> None:
    """What the project's own Tailwind makes of the classes in its components."""
    script = PACKAGES / "tailwindcss" / "lib" / "cli.js"
    done = node(script, "-i", "src/app/globals.css", "-o", file, cwd=project)
    assert done.returncode == 0, done.stderr


def unformatted(project: Path) -> str:
    """What the project's own prettier would write otherwise; empty when nothing."""
    script = PACKAGES / "prettier" / "bin" / "prettier.cjs"
    done = node(script, "--list-different", "src/**/*.{ts,tsx,mdx}", cwd=project)
    return done.stdout + done.stderr


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
