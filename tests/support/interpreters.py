"""Interpreters that stand for an environment with a LiteLLM, where a real one is not the point."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

# Says what it was told to say, and answers every request with 503.
_TALKS = """
import json, os, socket, sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
out = os.fdopen(int(os.environ["MODELCTL_TRIAL_OUT"]), "w")
sys.stdin.readline()
for line in open(sys.argv[1]):
    print(line.strip(), file=out, flush=True)
class Busy(BaseHTTPRequestHandler):
    def do_POST(self):
        self.send_error(503)
    def log_message(self, *words):
        pass
server = ThreadingHTTPServer(("127.0.0.1", 0), Busy, bind_and_activate=False)
server.socket = socket.socket(fileno=int(sys.argv[2]))
import threading
threading.Thread(target=server.serve_forever, daemon=True).start()
while os.read(0, 65536):
    pass
"""
EMPTY: dict[str, Any] = {"deployments": [], "router": {}, "litellm_settings": {}, "general_settings": {}}


def script(path: Path, release: str, body: str) -> Path:
    """An interpreter that calls itself that release; `body` is what it does as a candidate (`$3` is its socket)."""
    path.write_text(f'#!/bin/sh\nif [ "$1" = "-c" ]; then echo {release}; exit 0; fi\n{body}\n')
    path.chmod(0o755)
    return path


def saying(path: Path, release: str, *messages: Mapping[str, Any]) -> Path:
    """One that says these; with none, that it registered nothing."""
    talks, words = path.with_suffix(".py"), path.with_suffix(".json")
    talks.write_text(_TALKS)
    words.write_text("\n".join(json.dumps(each) for each in messages or [{"registered": EMPTY}]))
    return script(path, release, f'exec {sys.executable} {talks} {words} "$3"')


def hanging(path: Path, release: str) -> Path:
    """One that starts a process, says a word in its log, and does nothing more."""
    return script(path, release, "echo it reads the stars >&2\nsleep 3600 &\nwait")


def living_in(folder: Path) -> list[int]:
    """Processes whose working folder is below this one."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and (entry / "cwd").readlink().is_relative_to(folder):
                found.append(int(entry.name))
        except OSError:  # ended meanwhile, or somebody else's
            continue
    return found
