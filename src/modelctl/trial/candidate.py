"""Runs a LiteLLM under trial in a process: starts it on our socket, waits for it, ends it with all its children."""

from __future__ import annotations

import json
import os
import selectors
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from modelctl.errors import ModelctlError
from modelctl.litellm_spec.supported_lines import works
from modelctl.text.redact import last_lines, mask
from modelctl.trial.boot_log import own_words, without_frames
from modelctl.trial.mocked_config import MASTER_KEY, Mocked
from modelctl.trial.narrow import Culprit

BOOT_S = 240.0  # LiteLLM boots in 8 to 35 s on a quiet machine
SEARCH_S = 120.0  # for one try of the search for what stops a start
GRACE_S = 3.0
_TAKEN_ALONG = ("probe.py", "narrow.py")
_ANSWERS = ("registered", "failed", "broken", "strange")
KEPT_VARIABLES = ("PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "SSL_CERT_FILE", "LD_LIBRARY_PATH")


@dataclass(frozen=True)
class Candidate:
    """A LiteLLM to try: the interpreter of its environment, and its version there."""

    python: str
    version: str


@dataclass(frozen=True)
class Registered:
    """What a LiteLLM said that it runs (see probe.py), or why it does not.

    `failed` are its own words, `culprits` the parts of the config that stop it, `log` the end of its log where its
    words alone may not do.
    """

    answer: Mapping[str, Any]
    failed: str | None = None
    log: str = ""
    culprits: tuple[Culprit, ...] = ()


class Trial:
    """One LiteLLM on one mocked config, from `with` to its end. `url` is where it answers."""

    def __init__(
        self, candidate: Candidate, mocked: Mocked, folder: Path, upstream: str, *, environ: Mapping[str, str]
    ) -> None:
        self.candidate, self._mocked, self._folder, self._upstream = candidate, mocked, folder, upstream
        self._environ = environ
        self.url = ""
        self._process: subprocess.Popen[bytes] | None = None
        self._text = b""  # the part of its next line that has arrived
        self._over = False
        self._searched = ""  # tries of the search for culprits

    def __enter__(self) -> Self:
        self._lay_out()
        reads, writes = os.pipe()
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen(128)
            self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
            with open(self._log, "wb") as log:
                self._process = subprocess.Popen(
                    [self.candidate.python, "-m", "modelctl.trial.probe", str(listener.fileno())],
                    stdin=subprocess.PIPE, stdout=log, stderr=log,
                    env=self._variables(writes), cwd=self._folder, pass_fds=(listener.fileno(), writes),
                    start_new_session=True,
                )  # fmt: skip
        os.close(writes)
        self._answers = os.fdopen(reads, "rb", buffering=0)
        if self._over:  # interrupted during the start
            self.end()
            raise ModelctlError(f"LiteLLM {self.candidate.version} was ended before it booted")
        return self

    def _lay_out(self) -> None:
        """The config, and what runs there: a package of the same name that holds nothing else."""
        package = self._folder / "modelctl" / "trial"
        package.mkdir(parents=True, exist_ok=True)
        for name in _TAKEN_ALONG:
            (package / name).write_text(resources.files("modelctl.trial").joinpath(name).read_text())
        (self._folder / "modelctl" / "__init__.py").touch()
        (package / "__init__.py").touch()
        (self._folder / "config.yaml").write_text(json.dumps(self._mocked.config, indent=1))

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
        """Waits until it runs, or has failed. Raises ModelctlError where it does neither in time, or is broken."""
        self._ask()
        answer = self._said(_ANSWERS, progress, patience)
        if answer is None:
            raise self._silent(patience)
        if "broken" in answer:
            raise self._broken(answer["broken"])
        if "strange" in answer:
            raise self._strange(answer["strange"])
        if "registered" in answer:
            return Registered(answer["registered"])
        failed = self._failed(answer.get("failed") or self._ending())
        culprits = tuple(self._culprits(progress))
        words = f"{failed.failed}{'' if culprits else self._searched}"
        return replace(failed, failed=words, culprits=culprits)

    def _ask(self) -> None:
        with suppress(OSError):  # it may have ended already: its log says why
            self._process.stdin.write(json.dumps(self._wanted()).encode() + b"\n")  # type: ignore[union-attr]
            self._process.stdin.flush()  # type: ignore[union-attr]

    def _ending(self) -> str:
        try:
            return f"it ended with code {self._process.wait(GRACE_S)}"  # type: ignore[union-attr]
        except subprocess.TimeoutExpired:
            return "it says nothing more"

    def _culprits(self, progress: Callable[[str], None]) -> Iterator[Culprit]:
        while answer := self._said(("culprit", "searched", "stage"), progress, SEARCH_S):
            if "searched" in answer:
                self._searched = _in_vain(answer["searched"])
                return
            if "culprit" in answer:
                culprit = answer["culprit"]
                yield Culprit(tuple(culprit["path"]), mask(culprit["message"], self._environ))

    def _failed(self, words: str) -> Registered:
        log = last_lines(self._log, self._environ, most=80)
        own = own_words(words, log)
        return Registered({}, mask(own, self._environ), without_frames(log) if own == words else "")

    def _silent(self, patience: float) -> ModelctlError:
        tail = last_lines(self._log, self._environ, most=5)
        text = f"LiteLLM {self.candidate.version} has not booted within {patience:g} s, and was ended"
        text += f"; the end of its log:\n{tail}" if tail else "; its log is empty"
        return ModelctlError(text, hint=f"on a slow machine: --wait {2 * patience:g}")

    def _broken(self, words: str) -> ModelctlError:
        text = f"LiteLLM {self.candidate.version} of {self.candidate.python} cannot be imported: {words}"
        return ModelctlError(mask(text, self._environ), hint=reinstall(self.candidate))

    def _wanted(self) -> dict[str, list[str]]:
        return {
            "litellm": list(self._mocked.config["litellm_settings"]),
            "general": [name for name in self._mocked.config["general_settings"] if name != "master_key"],
        }

    def _strange(self, words: str) -> ModelctlError:
        text = f"LiteLLM {self.candidate.version} runs, and this modelctl cannot read what it registered: {words}"
        return ModelctlError(mask(text, self._environ), hint=works())

    def _said(self, names: Collection[str], progress: Callable[[str], None], patience: float) -> dict[str, Any] | None:
        """The next message of one of these names; None where there is none in time, and an empty one at its end."""
        deadline = time.monotonic() + patience
        while True:
            while b"\n" not in self._text:
                left = deadline - time.monotonic()
                if left <= 0 or not _readable(self._answers, left):
                    return None
                piece = self._answers.read(65536)
                if not piece:
                    return {}
                self._text += piece
            line, _, self._text = self._text.partition(b"\n")
            data: dict[str, Any] = json.loads(line)
            if "stage" in data:
                progress(data["stage"])
            if data.keys() & set(names):
                return data

    def end(self) -> None:
        """Its input is closed, which ends it; what is left of its group after that is killed. It cannot begin again."""
        self._over = True
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


def _in_vain(searched: object) -> str:
    if not isinstance(searched, dict) or not searched.get("over"):
        return ""
    return f" (which part of the config it is was not found in {searched['tries']} tries, {searched['seconds']} s)"


def reinstall(candidate: Candidate) -> str:
    release = f"=={candidate.version}" if candidate.version[:1].isdigit() else ""
    return f"{candidate.python} -m pip install --force-reinstall 'litellm[proxy]{release}'"


def _readable(pipe: IO[bytes], within: float) -> bool:
    """`select` itself takes no descriptor beyond 1023, and a process that serves many has those."""
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_READ)
        return bool(selector.select(within))
