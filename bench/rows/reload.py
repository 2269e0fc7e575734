"""From the save of an edit to the first answer that shows it, side by side with `nginx -s reload`, in one run."""

from __future__ import annotations

import http.client
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from statistics import median

import yaml

from bench.book import Book
from bench.measure import Result, Setting, spread, timed
from bench.scene import pause
from modelctl.build.rendering import render_text
from modelctl.pipeline import build
from modelctl.state.router_config import resolve_routes
from support.models import variables
from support.processes import Process, free_port
from support.proxy import PlainProxy, Workers
from support.proxy_client import Client
from support.serve_process import ControlPlane
from support.upstream import Upstream
from support.waiting import wait_until

COUNT = 1000
WHAT = "edit -> first answer that shows it, 1,000 models in one file, against (`nginx -s reload` + one request)"
MODEL = "m-7"
Edit = Callable[[int], float]  # the number that the answer must show -> milliseconds until it does


def against_nginx(setting: Setting) -> Iterator[Result]:
    """One edit after the other in turns, so that a busy moment meets all."""
    folder = setting.folder / "reload"
    folder.mkdir()
    upstream = Upstream(folder)
    env = variables(upstream.url, upstream.url)
    catalog, file, nginx = _Catalog(folder / "catalog", env), _File(folder / "file", env), _nginx(folder / "nginx")
    try:
        sides = {"catalog": catalog.edit, "file mode": file.edit, **({"nginx": nginx.edit} if nginx else {})}
        took: dict[str, list[float]] = {name: [] for name in (*sides, "request")}
        for number in range(1, setting.count(60, 15) + 2):
            took["request"].append(timed(lambda: catalog.proxy.client.chat("m-1")) * 1000)
            for name, edit in sides.items():
                pause()
                took[name].append(edit(number))
    finally:
        for each in (catalog, file, nginx):
            if each:
                each.stop()
        upstream.stop()
    yield from _results({name: values[1:] for name, values in took.items()})


def _results(took: dict[str, list[float]]) -> Iterator[Result]:
    """Each round by itself: its edit against its reload and request."""
    details = {f"{name.replace(' ', '_')}_ms": spread(values) for name, values in took.items()}
    for case in ("catalog", "file mode"):
        ours = took[case]
        if "nginx" in took:
            rounds = zip(ours, took["nginx"], took["request"], strict=True)
            ratio = median(edit / (reload + request) for edit, reload, request in rounds)
            yield Result(WHAT, case, ratio, "x", len(ours), 2.0, details=details)
        else:
            beside = "there is no nginx on this machine to compare with: skipped"
            yield Result(WHAT, case, median(ours), "ms", len(ours), None, beside=beside, details=details)


class _Catalog:
    """The control plane and two workers; an edit is live once both show it."""

    def __init__(self, folder: Path, env: dict[str, str]) -> None:
        folder.mkdir()
        self.book = Book(folder, COUNT, "os.environ/UPSTREAM_BASE", per_file=COUNT)
        state, config = folder / "state", folder / "litellm_config.yaml"
        self.control = ControlPlane(folder, self.book.catalog, state).start()
        desired = build(self.book.catalog).desired
        assert desired is not None
        config.write_text(render_text(desired))
        self.proxy = Workers(folder / "proxy", state, config, count=2, env=env).start()

    def edit(self, number: int) -> float:
        began = self.book.edit(int(MODEL[2:]), model=f"shows-{number}")
        for client in self.proxy.clients:
            _until_shown(client, number)
        return (time.time() - began) * 1000

    def stop(self) -> None:
        self.proxy.stop()
        self.control.stop()


class _File:
    """A plain `litellm --config` with our line in it."""

    def __init__(self, folder: Path, env: dict[str, str]) -> None:
        folder.mkdir()
        desired = build(Book(folder, COUNT, "os.environ/UPSTREAM_BASE").catalog).desired
        assert desired is not None
        config = resolve_routes(desired, {}).config()
        for entry in config["model_list"]:
            entry["model_info"].pop("id")
        self.path = folder / "config.yaml"
        self.text = yaml.dump(config, Dumper=yaml.CSafeDumper, sort_keys=False)
        self.path.write_text(self.text)
        self.proxy = PlainProxy(folder / "proxy", self.path, env=env).start()

    def edit(self, number: int) -> float:
        text = self.text.replace(f"model: openai/{MODEL}\n", f"model: openai/shows-{number}\n")
        assert text != self.text
        began = _save(self.path, text)
        _until_shown(self.proxy.client, number)
        return (time.time() - began) * 1000

    def stop(self) -> None:
        self.proxy.stop()


def _until_shown(client: Client, number: int) -> None:
    shown = f"model=shows-{number} "
    wait_until(lambda: shown in client.chat(MODEL).text, f"an answer shows edit {number}", 30, every=0.0005)


def _save(path: Path, text: str) -> float:
    beside = path.with_name(f".{path.name}.new")
    beside.write_text(text)
    began = time.time()
    beside.replace(path)
    return began


_CONFIG = """\
daemon off; worker_processes 2; pid {folder}/pid; error_log {folder}/error.log;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port};
{locations}
  }}
}}
"""


def _nginx(folder: Path) -> _Nginx | None:
    program = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    return _Nginx(folder, program) if program else None


class _Nginx:
    """1,000 locations in one file; an edit is live once a new connection shows it."""

    def __init__(self, folder: Path, program: str) -> None:
        folder.mkdir()
        self.folder, self.port, self.path = folder, free_port(), folder / "nginx.conf"
        self.command = [program, "-p", str(folder), "-c", str(self.path), "-e", str(folder / "error.log")]
        _save(self.path, self._text(0))
        self.process = Process("nginx", self.command, log=folder / "log")
        self.process.wait_for(lambda: self._answer() == "shows-0", "it answers", 10)

    def edit(self, number: int) -> float:
        began = _save(self.path, self._text(number))
        subprocess.run([*self.command, "-s", "reload"], check=True, capture_output=True)
        wait_until(lambda: self._answer() == f"shows-{number}", "nginx shows it", 30, every=0.0005)
        return (time.time() - began) * 1000

    def _text(self, number: int) -> str:
        names = {f"m-{index}": f"m-{index}" for index in range(COUNT)} | {MODEL: f"shows-{number}"}
        locations = "\n".join(f'    location = /{name} {{ return 200 "{said}"; }}' for name, said in names.items())
        return _CONFIG.format(folder=self.folder, port=self.port, locations=locations)

    def _answer(self) -> str:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        with suppress(OSError, http.client.HTTPException):
            connection.request("GET", f"/{MODEL}", headers={"Connection": "close"})
            return connection.getresponse().read().decode()
        return ""

    def stop(self) -> None:
        self.process.stop()
