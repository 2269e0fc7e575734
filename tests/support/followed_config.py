"""A plain `litellm --config` that follows its file, laid out as Kubernetes mounts a ConfigMap.

`x.yaml` links to `..data/x.yaml`, and `..data` to a folder of one version.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

from modelctl.state.desired import digest
from support.proxy import MASTER_KEY, PlainProxy
from support.proxy_client import Answer, answer, question
from support.waiting import wait_until

PROBE = '''
"""Another callback beside ours: notes how long the worker's loop computed at a stretch, in gaps-<pid>.txt."""
import asyncio, os, time
from litellm.integrations.custom_logger import CustomLogger

class Probe(CustomLogger):
    def __init__(self):
        super().__init__()
        self.task = asyncio.get_running_loop().create_task(self.watch())

    async def watch(self):
        with open(os.path.join(os.path.dirname(__file__), f"gaps-{os.getpid()}.txt"), "a", buffering=1) as file:
            while True:
                before = time.thread_time()  # what busy neighbours take is not the loop's doing
                await asyncio.sleep(0.002)
                gap = time.thread_time() - before
                if gap > 0.001:
                    file.write(f"{time.time()} {gap}\\n")

handler = Probe()
'''
MISSES = 24  # fresh connections that all go to the same one of two workers: once in ten million times


class Followed:
    def __init__(self, folder: Path, text: str, *, workers: int, env: Mapping[str, str]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.path, self.workers = folder, folder / "x.yaml", workers
        (folder / "probe.py").write_text(PROBE)
        self._last_good = Path(env["XDG_STATE_HOME"], "modelctl", f"{digest(str(self.path))}.good")
        self._version = 0
        self._booted: str | None = None  # what the running workers started on, if nothing was edited since
        self.link(text)
        self.proxy = PlainProxy(folder, self.path, workers=workers, env=env)

    # -- editing -------------------------------------------------------------------------------

    def link(self, text: str) -> None:
        """As the kubelet does it: a new folder, and `..data` swapped to it in one rename."""
        self._version += 1
        self._booted = None
        version = self.folder / f"..v{self._version}"
        version.mkdir()
        (version / "x.yaml").write_text(text)
        self._swap(version.name, self.folder / "..data")
        if not self.path.is_symlink():
            self._swap("..data/x.yaml", self.path)

    def _swap(self, target: str, link: Path) -> None:
        staged = self.folder / ".staged"
        staged.symlink_to(target)
        staged.replace(link)

    def edit(self, *changes: tuple[str, str]) -> list[str]:
        """Replace texts in the file, which must be there; the lines that every worker said to it."""
        text = self.path.read_text()
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new, 1)
        return self.write(text)

    def write(self, text: str | bytes) -> list[str]:
        """In place, like `echo >`; the lines that every worker said to it."""
        before = len(self.lines())
        self._booted = None
        self.path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return self.said(before)

    def said(self, before: int, timeout: float = 120.0) -> list[str]:
        """The lines after the first `before` ones, once each worker has one that is an answer."""

        def all_said() -> list[str]:
            new = [line for line in self.lines()[before:] if re.search("(applied|refused) the edit", line)]
            return new if len({line.rpartition("(worker ")[2] for line in new}) == self.workers else []

        return wait_until(all_said, f"each worker answers the edit\n{self.proxy.output()[-3000:]}", timeout)

    def reset(self, text: str) -> None:
        """As if nothing had been edited since `text`."""
        if self.path.is_symlink() and self.path.exists() and self.path.read_bytes() == text.encode():
            return
        before = len(self.lines())
        self.link(text)
        assert all("applied" in line for line in self.said(before))

    # -- looking -------------------------------------------------------------------------------

    def lines(self) -> list[str]:
        """What modelctl has said in LiteLLM's log, of this boot."""
        return [line for line in self.proxy.output().splitlines() if " modelctl:" in line]

    def ask(self, model: str, **extra: Any) -> Answer:
        """On a connection of its own, to whichever worker takes it."""
        body = {**question("chat", model, "hello"), **extra}
        head = {"Authorization": f"Bearer {MASTER_KEY}"}
        reply = httpx.post(
            f"{self.proxy.url}/v1/chat/completions", json=body, headers=head, timeout=60, trust_env=False
        )
        return answer("chat", reply)

    def everywhere(self, model: str, **extra: Any) -> set[str]:
        """What the workers answer, each of them asked."""
        answers = [self.ask(model, **extra) for _ in range(MISSES if self.workers > 1 else 1)]
        return {each.text if each.ok else str(each.status) for each in answers}

    def get(self, path: str) -> httpx.Response:
        head = {"Authorization": f"Bearer {MASTER_KEY}"}
        return httpx.get(f"{self.proxy.url}{path}", headers=head, timeout=60, trust_env=False)

    def ids(self) -> dict[str, list[str]]:
        """Public name -> the Router's ids under it."""
        found: dict[str, list[str]] = {}
        for each in self.get("/v1/model/info").raise_for_status().json()["data"]:
            found.setdefault(each["model_name"], []).append(each["model_info"]["id"])
        return found

    def gaps(self, since: float) -> list[float]:
        """Milliseconds for which a worker's loop computed at a stretch, since that epoch second."""
        rows = [line.split() for path in self.folder.glob("gaps-*.txt") for line in path.read_text().splitlines()]
        return [float(gap) * 1000 for at, gap in (row for row in rows if len(row) == 2) if float(at) >= since]

    def quiet(self, seconds: float) -> None:
        """Until nothing was said for so long."""
        marks = [(len(self.lines()), time.monotonic())]

        def still() -> bool:
            if len(self.lines()) != marks[-1][0]:
                marks.append((len(self.lines()), time.monotonic()))
            return time.monotonic() - marks[-1][1] >= seconds

        wait_until(still, "quiet", 60)

    def start(self) -> Followed:
        self.proxy.start()
        wait_until(lambda: sum("following" in line for line in self.lines()) == self.workers, "each follows", 30)
        self._booted = self.path.read_text()
        return self

    def boot(self, text: str) -> None:
        """Be freshly started on `text`, as for the first time: without the copy of what ran before."""
        if self._booted != text:
            self.link(text)
            self.proxy.process.stop()
            self._last_good.unlink(missing_ok=True)
            self.start()

    def restart(self) -> None:
        self.proxy.process.stop()
        self.start()

    def stop(self) -> None:
        self.proxy.stop()
