"""The lines of LiteLLM that modelctl is tested with, and which one is installed. LiteLLM is never imported here.

A line is a minor release with its patches (`1.110`). `data/litellm_lines.json` is the one table of them: the matrix,
the environments, `check --litellm`, and what a worker says of its own LiteLLM read it.
"""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from modelctl.errors import ModelctlError, UsageError

_TABLE = Path(__file__).parent / "litellm_lines.json"
_INSTALL = "pip install 'litellm[proxy]=={}'"
_VERSION = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?")


@dataclass(frozen=True, slots=True)
class Line:
    """`release` is the patch that the tests ran on. `install`: `ordinary` by pip, or `beside` (see `scripts/`)."""

    name: str
    release: str
    roles: tuple[str, ...]
    install: str


class NoLiteLLM(ModelctlError):
    """LiteLLM is not installed, or what is installed cannot run."""

    exit_code = 2


@cache
def table() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(_TABLE.read_text(encoding="utf-8"))
    return data


@cache
def lines() -> tuple[Line, ...]:
    """Oldest first."""
    return tuple(Line(**{**row, "roles": tuple(row["roles"])}) for row in table()["lines"])


def works() -> str:
    """For who runs a LiteLLM that cannot be used."""
    return f"lines that work: {', '.join(line.name for line in lines())}"


def pinned() -> str:
    """The release that the constraints file holds."""
    return next(line.release for line in lines() if "pinned" in line.roles)


def order(release: str) -> tuple[int, int, int]:
    """A release as numbers to compare; a line counts as its first release. Zeros where it is no version."""
    match = _VERSION.match(release)
    return (int(match[1]), int(match[2]), int(match[3] or 0)) if match else (0, 0, 0)


def line_of(release: str) -> str:
    """`1.110` for `1.110.2`."""
    return ".".join(map(str, order(release)[:2]))


def find(name: str) -> Line:
    """The line of a name or of one of its releases. Raises `Usage` for one that is not in the table."""
    for line in lines():
        if line.name == line_of(name):
            return line
    raise UsageError(
        f"`{name}` is no line of LiteLLM that this modelctl knows",
        hint=f"{', '.join(each.name for each in lines())}, or a release of these such as {lines()[-1].release}",
    )


def remark(release: str) -> str | None:
    """What people must know about a LiteLLM that modelctl was not tested with; None for a tested line."""
    name, known = line_of(release), [line.name for line in lines()]
    if name in known:
        return None
    if order(release) == (0, 0, 0):
        return f"LiteLLM calls itself `{release}`: this modelctl cannot tell whether it was tested with it"
    if order(release) > order(known[-1]):
        return f"LiteLLM {name} is newer than what this modelctl was tested with ({known[0]} to {known[-1]})"
    if order(release) < order(known[0]):
        return f"LiteLLM {name} is older than what this modelctl was tested with ({known[0]} to {known[-1]})"
    return f"LiteLLM {name} is a line that this modelctl was not tested with ({', '.join(known)})"


def installed() -> str:
    """The release of the LiteLLM beside this modelctl. Raises `NoLiteLLM` where there is none, or half of one."""
    spec = importlib.util.find_spec("litellm")
    home = Path(spec.origin).parent if spec and spec.origin else None
    release = _release([home.parent] if home else [Path(place) for place in sys.path])
    if home and (home / "proxy").is_dir():
        return release or "unknown"
    if release or home:
        raise NoLiteLLM(
            f"LiteLLM {release or ''} is half installed: some of its files are missing".replace("  ", " "),
            hint=_INSTALL.format(release or pinned()).replace("install", "install --force-reinstall"),
        )
    raise NoLiteLLM("LiteLLM is not installed in this environment", hint=_INSTALL.format(pinned()))


def _release(places: list[Path]) -> str | None:
    """As pip noted it. `importlib.metadata` would say the same and takes longer than a check of most catalogs."""
    for place in places:
        for note in place.glob("litellm-*.dist-info"):
            return note.name.removeprefix("litellm-").removesuffix(".dist-info")
    return None


_aim: str | None = None


def aim(name: str | None) -> None:
    """What is checked from now on is checked for this line (None: the installed one). Raises `Usage` for no line."""
    global _aim
    _aim = None if name is None else _aimed(name)
    target.cache_clear()


@contextmanager
def aimed(release: str) -> Iterator[None]:
    """While it is entered, what is checked is checked for this release; one that is in no table counts as it may."""
    global _aim
    before, _aim = _aim, release
    target.cache_clear()
    try:
        yield
    finally:
        _aim = before
        target.cache_clear()


def _aimed(name: str) -> str:
    """A line means its newest release that was looked at; a release means itself."""
    return name if name.count(".") > 1 and find(name) else find(name).release


@cache
def target() -> str:
    """The release that a check is about: the one that was asked for, else the installed one, else the pinned one."""
    if _aim is not None:
        return _aim
    try:
        release = installed()
    except NoLiteLLM:
        return pinned()
    return release if order(release) > (0, 0, 0) else pinned()


def since(release: str) -> bool:
    """Whether what a release changed is so in the target."""
    return order(target()) >= order(release)
