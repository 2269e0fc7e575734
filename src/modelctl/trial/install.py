"""An environment with another LiteLLM, made by pip and kept in the cache folder: the second time costs nothing."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from modelctl.errors import ModelctlError, UsageError
from modelctl.litellm_spec.supported_lines import table, works
from modelctl.trial.side import Say

_WANTED = re.compile(r"\d+\.\d+(\.\w+)?")
_FOUND = re.compile(r"Would install litellm-(\S+)")
_WAY_ROUND = "make one by hand and name it: modelctl upgrade --python ENV/bin/python"
MOST_LINES = 12  # lines of pip's output
LONGEST = 240  # characters of a line


def environment_with(wanted: str, cache: Path, environ: Mapping[str, str], say: Say) -> Path:
    """The interpreter of an environment that has `wanted`: a release, or a line (its newest release)."""
    if not _WANTED.fullmatch(wanted):
        raise UsageError(f"`{wanted}` is no version of LiteLLM", hint="--to 1.110, or a release such as --to 1.110.2")
    with TemporaryDirectory(prefix="modelctl-pip-") as folder:  # also removes what an interrupted pip left
        return _environment(wanted, cache, _Pip({**environ, "TMPDIR": folder}, say))


def _environment(wanted: str, cache: Path, pip: _Pip) -> Path:
    release = wanted if wanted.count(".") == 2 else _newest(wanted, pip)
    folder = cache / "litellm" / f"{release}-py{sys.version_info.major}.{sys.version_info.minor}"
    python, made = folder / "bin" / "python", folder / ".made"
    if made.is_file() and python.exists() and made.read_text() == sys.prefix:
        return python
    try:
        _make(folder, release, pip)
        made.write_text(sys.prefix)  # what it borrows from is named: another installation makes its own
    finally:
        if not made.is_file():
            shutil.rmtree(folder, ignore_errors=True)
    return python


def _newest(line: str, pip: _Pip) -> str:
    try:
        output = pip.run(sys.executable, "--dry-run", "--no-deps", "--force-reinstall", f"litellm=={line}.*")
    except ModelctlError as error:
        raise ModelctlError(error.message, hint=f"{works()}; or {_WAY_ROUND}") from None
    match = _FOUND.search(output)
    if match is None:
        raise ModelctlError(f"pip names no release of LiteLLM {line}:\n{output}", hint=_WAY_ROUND)
    return match[1]


def _make(folder: Path, release: str, pip: _Pip) -> None:
    """The ordinary way; where the index lacks what it pins, beside the present one's dependencies."""
    python = str(folder / "bin" / "python")
    try:
        _venv(folder, pip)
        pip.run(python, f"litellm[proxy]=={release}")
    except ModelctlError as error:
        pip.say(f"the ordinary way does not resolve ({error.message.splitlines()[-1]}); trying the way round")
        _venv(folder, pip)
        inside = Path(sysconfig.get_path("purelib")).relative_to(sys.prefix)
        (folder / inside / "present.pth").write_text(sysconfig.get_path("purelib") + "\n")
        pip.run(python, "--no-deps", f"litellm=={release}")
        beside = table()["beside"]
        pip.run(python, *beside["with_dependencies"])
        pip.run(python, "--upgrade", "--no-deps", *beside["alone"])


def _venv(folder: Path, pip: _Pip) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    pip.command([sys.executable, "-m", "venv", *pip.venv_words, str(folder)], "making an environment")


def _short(line: str) -> str:
    """The releases that pip lists, the newest last."""
    return line if len(line) <= LONGEST else f"{line[: LONGEST // 2]} ... {line[-LONGEST // 2 :]}"


class _Pip:
    """Runs pip in a group of its own, so that nothing of it is left when we are interrupted."""

    def __init__(self, environ: Mapping[str, str], say: Say) -> None:
        dropped = ("PYTHONPATH", "PYTHONHOME", "PIP_REQUIRE_VIRTUALENV", "PIP_TARGET", "PIP_USER")
        self._environ = {name: value for name, value in environ.items() if name not in dropped}
        self.say = say
        self._ours = find_spec("pip") is not None  # spares each environment a copy, which takes longest to put there
        self.venv_words = ("--without-pip",) if self._ours else ()

    def run(self, python: str, *arguments: str) -> str:
        pip = [sys.executable, "-m", "pip", "--python", python] if self._ours else [python, "-m", "pip"]
        words = ("install", "--disable-pip-version-check", "--no-input", "--progress-bar", "off")
        return self.command([*pip, *words, *arguments], f"pip install {' '.join(arguments)}")

    def command(self, argv: list[str], what: str) -> str:
        """Its output. Raises ModelctlError with its last lines where it fails."""
        self.say(what)
        try:
            process = subprocess.Popen(
                argv, env=self._environ, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                text=True, start_new_session=True,
            )  # fmt: skip
        except OSError as error:
            raise ModelctlError(f"{what}: {error.strerror or error}", hint=_WAY_ROUND) from None
        lines = []
        try:
            assert process.stdout is not None
            for line in process.stdout:
                lines.append(line.rstrip())
                self.say(f"{what}: {line.strip()}"[:100])
            code = process.wait()
        finally:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        if code:
            raise ModelctlError(f"{what} failed:\n" + "\n".join(map(_short, lines[-MOST_LINES:])), hint=_WAY_ROUND)
        return "\n".join(lines)
