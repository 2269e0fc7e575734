"""The process in which a LiteLLM is tried: started on a socket of ours, waited for, ended with all that it started."""

from __future__ import annotations

import json
import os
import re
import select
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from modelctl.errors import ModelctlError
from modelctl.masking import last_lines
from modelctl.trial.mocked import MASTER_KEY, Mocked

BOOT_S = 240.0  # LiteLLM boots in 8 to 35 s on a quiet machine
GRACE_S = 3.0
MOST_LINES = 10  # of its log
_ERROR = re.compile(r"[A-Za-z_][\w.]*(?:Error|Exception|Exit|Interrupt): .")
KEPT_VARIABLES = ("PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "SSL_CERT_FILE", "LD_LIBRARY_PATH")


@dataclass(frozen=True)
class Candidate:
    """A LiteLLM to try: the interpreter of its environment, and its version there."""

    python: str
    version: str


@dataclass(frozen=True)
class Registered:
    """What a LiteLLM said that it runs (see child.py), or why it does not: its own words, and the end of its log."""

    said: Mapping[str, Any]
    failed: str | None = None
    log: str = ""


class Trial:
    """One LiteLLM on one mocked config, from `with` to its end. `url` is where it answers."""

    def __init__(
        self, candidate: Candidate, mocked: Mocked, folder: Path, upstream: str, environ: Mapping[str, str]
    ) -> None:
        self.candidate, self._mocked, self._folder, self._upstream = candidate, mocked, folder, upstream
        self._environ = environ
        self.url = ""
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / "config.yaml").write_text(json.dumps(self._mocked.config, indent=1))
        child = self._folder / "child.py"
        child.write_text(resources.files("modelctl.trial").joinpath("child.py").read_text())
        reads, writes = os.pipe()
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen(128)
            self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
            with open(self._log, "wb") as log:
                self._process = subprocess.Popen(
                    [self.candidate.python, str(child), str(listener.fileno())],
                    stdin=subprocess.PIPE, stdout=log, stderr=log,
                    env=self._variables(writes), cwd=self._folder, pass_fds=(listener.fileno(), writes),
                    start_new_session=True,
                )  # fmt: skip
        os.close(writes)
        self._answers = os.fdopen(reads, "rb", buffering=0)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.end()

    @property
    def _log(self) -> Path:
        return self._folder / "litellm.log"

    def _variables(self, writes: int) -> dict[str, str]:
        """Nothing of the user's but what a process needs to run: no keys, no state, no proxies but ours."""
        kept = {name: self._environ[name] for name in KEPT_VARIABLES if name in self._environ}
        ways_out = dict.fromkeys(
            ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"), self._upstream
        )
        own = {"HOME": str(self._folder), "XDG_STATE_HOME": str(self._folder), "XDG_CACHE_HOME": str(self._folder)}
        return {
            **kept, **self._mocked.environ, **own, **ways_out, "NO_PROXY": "127.0.0.1,localhost",
            "no_proxy": "127.0.0.1,localhost", "LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_MASTER_KEY": MASTER_KEY,
            "CONFIG_FILE_PATH": str(self._folder / "config.yaml"), "MODELCTL_TRIAL_OUT": str(writes),
            "PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1",
        }  # fmt: skip

    def registered(self, progress: Callable[[str], None], patience: float = BOOT_S) -> Registered:
        """Waits until it runs, or has failed. Raises ModelctlError where it does neither in time."""
        assert self._process is not None
        self._process.stdin.write(json.dumps(self._wanted()).encode() + b"\n")  # type: ignore[union-attr]
        self._process.stdin.flush()  # type: ignore[union-attr]
        deadline, rest = time.monotonic() + patience, b""
        while True:
            line, _, rest = self._more(rest, deadline).partition(b"\n")
            said: dict[str, Any] = (
                json.loads(line) if line else {"failed": f"it ended with code {self._process.wait()}"}
            )
            if "stage" in said:
                progress(said["stage"])
            elif "registered" in said:
                return Registered(said["registered"])
            else:
                log = last_lines(self._log, self._environ, most=80)
                words = own_words(said["failed"], log)
                return Registered({}, words, without_frames(log) if words == said["failed"] else "")

    def _wanted(self) -> dict[str, list[str]]:
        return {
            "litellm": list(self._mocked.config["litellm_settings"]),
            "general": [name for name in self._mocked.config["general_settings"] if name != "master_key"],
        }

    def _more(self, text: bytes, deadline: float) -> bytes:
        """At least a whole line, or empty at the end."""
        while b"\n" not in text:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self._answers], [], [], left)[0]:
                tail = last_lines(self._log, self._environ, most=5)
                raise ModelctlError(
                    f"LiteLLM {self.candidate.version} did not boot in time{': ' + tail if tail else ''}"
                )
            piece = self._answers.read(65536)
            if not piece:
                return b""
            text += piece
        return text

    def end(self) -> None:
        """Its input is closed, which ends it; what is left of its group after that is killed."""
        process = self._process
        if process is None:
            return
        with suppress(OSError):
            process.stdin.close()  # type: ignore[union-attr]
        with suppress(subprocess.TimeoutExpired):
            process.wait(GRACE_S)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        self._answers.close()
        self._process = None


def own_words(failed: str, log: str) -> str:
    """LiteLLM logs what stopped its start and then leaves with a number, which says nothing to anybody."""
    errors = [line.strip() for line in log.splitlines() if _ERROR.match(line.strip())]
    return errors[-1] if errors and failed.startswith(("SystemExit", "LiteLLM ended", "it ended")) else failed


def without_frames(log: str) -> str:
    """The log without the frames of a traceback, which are of no use to who wrote a config."""
    kept = [line for line in log.splitlines() if line[:1] not in (" ", "\t") and not line.startswith("Traceback")]
    return "\n".join(kept[-MOST_LINES:])
