"""Following the config file that LiteLLM was started with: no store, no other process of ours.

Each worker looks at the files' stat, lets a burst of writes settle, and has a child process read and
check them. What was last applied is kept in the user's state folder, so that a worker that is
started on a bad file comes back on the last good one.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import time
from collections.abc import Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from litellm import Router

from modelctl.configfile import ConfigFile
from modelctl.desired import Deployment, LiveConfig, digest
from modelctl.errors import ModelctlError, Problem, errors_in
from modelctl.hook.apply import Nack
from modelctl.hook.log import log
from modelctl.hook.router import router_id

LOOK = 0.02  # seconds between two looks at the files
SETTLE = 0.05  # seconds without a further change before a file is read
CHILD_LIMIT = 60.0  # seconds

Signature = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Good:
    """What was last applied, and the errors that it had already when the hook first met it."""

    read: ConfigFile
    tolerated: frozenset[tuple[str, str]]


class FileSource:
    def __init__(self, path: str, proxy: Any) -> None:
        self._path = Path(path).absolute()
        self._proxy = proxy
        self._files = [str(self._path)]
        self._child = ThreadPoolExecutor(1, thread_name_prefix="modelctl-read")
        self._reading: Future[ConfigFile] | None = None
        self._seen: Signature = ()  # of what was last read
        self._moving: Signature = ()  # of what is settling
        self._moved = self._looked = 0.0
        self._known: dict[str, Deployment] = {}
        self._dropped: set[str] = set()
        self._tolerated: frozenset[tuple[str, str]] = frozenset()
        self._good: ConfigFile | None = None
        self._latest: ConfigFile | None = None
        self.version = 0
        self.revision: str | None = None
        self.trouble: str | None = None

    def boot(self) -> LiveConfig:
        """What LiteLLM is booting on at this moment. Raises `ModelctlError` when that cannot be read."""
        self._seen = self._moving = self._signature()
        read = read_in_child(self._path)
        if read.config is None:
            raise ModelctlError("; ".join(_lines(read.problems)))
        self._files = read.files
        good = self._load_good()
        self._tolerated = good.tolerated if good else _keys(errors_in(read.problems))
        for line in _lines(read.problems):
            log.warning("%s", line)
        if good and self._new_errors(read):
            log.error("%s has errors: coming back on the last good state of it", self._path)
            self._reading = Future()
            self._reading.set_result(good.read)
        self._take(read)
        return self._live(read)

    def booted(self, dropped: Iterable[Deployment]) -> None:
        """Entries that LiteLLM refused at boot stay out, and do not spoil later edits."""
        self._dropped = {each.id for each in dropped}

    def due(self) -> bool:
        if self._reading is not None:
            return self._reading.done()
        now = time.monotonic()
        if now - self._looked < LOOK:
            return False
        self._looked = now
        signature = self._signature()
        if signature != self._moving:
            self._moving, self._moved = signature, now
        elif signature != self._seen and now - self._moved >= SETTLE:
            self._seen = signature
            self._reading = self._child.submit(read_in_child, self._path)
        return False

    def look(self) -> bool:
        return False

    def fetch(self) -> Generator[None, None, LiveConfig | None]:
        if self._reading is None or not self._reading.done():
            return None
        reading, self._reading = self._reading, None
        try:
            read = reading.result()
        except ModelctlError as error:
            raise Nack(error.message) from error
        yield
        self.version += 1
        self._files = read.files
        errors = self._new_errors(read)
        if read.config is None or errors:
            raise Nack(" | ".join(_lines(errors or read.problems)))
        live = self._live(read)
        self._take(read)
        return live

    def applied(self) -> None:
        """The Router runs what `fetch` returned last: remember it."""
        self._good, self.trouble = self._latest, None
        if self._good is not None:
            self._save_good(Good(self._good, self._tolerated))

    def refused(self, why: str) -> None:
        self.trouble = why

    # -- inside --------------------------------------------------------------------------------

    def _take(self, read: ConfigFile) -> None:
        self._latest = read
        self.revision = digest([read.digests, {k: v for k, v in (read.config or {}).items() if k != "model_list"}])

    def _new_errors(self, read: ConfigFile) -> list[Problem]:
        return [
            problem for problem in errors_in(read.problems) if (problem.rule, problem.message) not in self._tolerated
        ]

    def _signature(self) -> Signature:
        return tuple(_stat(path) for path in self._files)

    def _live(self, read: ConfigFile) -> LiveConfig:
        config = dict(read.config or {})
        entries = zip(read.digests, config.pop("model_list", None) or [], strict=True)
        self._known = {id_: self._known.get(id_) or self._deployment(id_, entry) for id_, entry in entries}
        kept = {id_: each for id_, each in self._known.items() if id_ not in self._dropped}
        router = dict(config.get("router_settings") or {})
        aliases = router.pop("model_group_alias", None) or {}
        settings = {**config, "router_settings": router} if router else {**config, "router_settings": {}}
        return LiveConfig(kept, aliases, {}, settings)

    def _deployment(self, id_: str, entry: dict[str, Any]) -> Deployment:
        """Under the id that LiteLLM's boot gives the entry: its own, or a hash of the resolved parameters."""
        known = ("model_name", "litellm_params", "model_info")
        extra = {key: value for key, value in entry.items() if key not in known}
        info = dict(entry.get("model_info") or {})
        if info.get("id") is None:
            resolved = self._proxy.proxy_config._check_for_os_environ_vars(config=dict(entry["litellm_params"]))
            info["id"] = Router.generate_model_id(entry["model_name"], resolved)
        deployment = Deployment(id_, entry["model_name"], dict(entry["litellm_params"]), info, extra)
        return Deployment(id_, deployment.group, deployment.params, {**info, "id": router_id(deployment)}, extra)

    # -- the last good copy --------------------------------------------------------------------

    def _copy(self) -> Path:
        base = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
        return Path(base) / "modelctl" / f"{digest(str(self._path))}.good"

    def _load_good(self) -> Good | None:
        try:
            good = pickle.loads(self._copy().read_bytes())
        except Exception:  # none yet, or not ours to read: start from the file
            return None
        return good if isinstance(good, Good) else None

    def _save_good(self, good: Good) -> None:
        """Private to the user: a hand-written config may hold keys in plain text."""
        target = self._copy()
        staged = target.with_suffix(f".{os.getpid()}")
        try:
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            staged.touch(mode=0o600)
            staged.write_bytes(pickle.dumps(good))
            staged.replace(target)
        except OSError as error:
            log.warning("cannot keep a copy of the last good state: %s", error)
            staged.unlink(missing_ok=True)


def read_in_child(path: Path) -> ConfigFile:
    """Parse and check outside this process. Raises `ModelctlError` when the child fails or hangs."""
    command = [sys.executable, "-m", "modelctl.configfile", str(path)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=CHILD_LIMIT, check=True)
        read = pickle.loads(done.stdout)
    except (subprocess.SubprocessError, OSError, pickle.PickleError, EOFError) as error:
        raise ModelctlError(f"cannot check {path}: {error}") from error
    assert isinstance(read, ConfigFile)
    return read


def _stat(path: str) -> tuple[int, ...]:
    try:
        stat = Path(path).stat()
    except OSError:
        return ()
    return (stat.st_mtime_ns, stat.st_size, stat.st_ino)


def _keys(problems: Iterable[Problem]) -> frozenset[tuple[str, str]]:
    return frozenset((problem.rule, problem.message) for problem in problems)


def _lines(problems: Iterable[Problem]) -> list[str]:
    return [" ".join(str(problem).split()) for problem in problems]
