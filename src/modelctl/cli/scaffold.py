"""Makes a new project. Existing files stay as they are, and are reported."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from modelctl import shipped
from modelctl.build.rendering import TEMPLATE, render_text
from modelctl.errors import ModelctlError
from modelctl.pipeline import build
from modelctl.state.desired import DesiredState

IGNORED = (".modelctl/", ".env")
_HEAD = """\
# Copy to .env and fill in what you have; the real environment wins over .env. Keep .env out of git.
# A provider whose variables are not set stays listed but is not available.
"""
_TAIL = """\

# the proxy itself: left out, `modelctl up` makes one and keeps it in .modelctl/master_key
# LITELLM_MASTER_KEY=
"""


@dataclass
class Made:
    """Paths below the project folder."""

    wrote: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)


def create(root: Path) -> Made:
    """Catalog, template, rendered config, `.env.example` and `.gitignore` lines in `root`.

    Raises CheckFailed when a catalog that was there before has errors: it is kept all the same.
    """
    made = Made()
    try:
        root.mkdir(parents=True, exist_ok=True)
        _folder(shipped.catalog(), root / "catalog", root, made)
        _folder(shipped.templates(), root / "templates", root, made)
        desired = _desired(root / "catalog")
        _file(root / "litellm_config.yaml", render_text(desired, root / "templates" / TEMPLATE), root, made)
        _file(root / ".env.example", env_example(desired), root, made)
        _ignore(root / ".gitignore", root, made)
    except OSError as error:
        raise ModelctlError(f"cannot write {error.filename}: {error.strerror}") from error
    return made


def env_example(desired: DesiredState) -> str:
    """Every variable that the catalog names, by provider; with its default where it has one."""
    parts = [_HEAD]
    owner = {model.public_name: each.id for each in desired.providers for model in each.models}
    named = {each.id: {name for model in each.models for name in model.references} for each in desired.providers}
    for deployment in desired.deployments.values():
        named.setdefault(owner.get(deployment.group, deployment.group), set()).update(_variables(deployment.params))
    for provider, found in sorted(named.items()):
        if names := {name for name in found if not name.startswith("MODELCTL_")}:  # `up` sets these itself
            lines = [f"{name}={desired.env_defaults.get(name, '')}" for name in sorted(names)]
            parts.append("\n".join(["", f"# {provider}", *lines, ""]))
    return "".join([*parts, _TAIL])


def _variables(value: object) -> set[str]:
    """The names behind `os.environ/` anywhere in a value."""
    if isinstance(value, str):
        return {value.removeprefix("os.environ/")} if value.startswith("os.environ/") else set()
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else ()
    return {name for each in inside for name in _variables(each)}


def _folder(source: Path, target: Path, root: Path, made: Made) -> None:
    """A folder with content belongs to the user: nothing is added to it."""
    name = f"{target.relative_to(root)}/"
    if target.exists() and any(target.iterdir()):
        made.kept.append(name)
        return
    shutil.copytree(source, target, dirs_exist_ok=True, ignore=_not_ours)
    made.wrote.append(name)


def _not_ours(folder: str, names: list[str]) -> list[str]:
    """Left-overs of an editor or a file manager."""
    return [name for name in names if name.startswith(".") and name != ".schema"]


def _file(path: Path, text: str, root: Path, made: Made) -> None:
    try:
        with open(path, "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        made.kept.append(str(path.relative_to(root)))
    else:
        made.wrote.append(str(path.relative_to(root)))


def _ignore(path: Path, root: Path, made: Made) -> None:
    """Appends to this file: its content stays."""
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    missing = _missing(text.splitlines())
    if not missing:
        made.kept.append(path.name)
        return
    with open(path, "a", encoding="utf-8") as file:
        file.write(("" if not text or text.endswith("\n") else "\n") + "".join(f"{line}\n" for line in missing))
    made.wrote.append(path.name)


def _missing(lines: Iterable[str]) -> list[str]:
    there = {line.strip().strip("/") for line in lines}
    return [line for line in IGNORED if line.strip("/") not in there]


def _desired(catalog: Path) -> DesiredState:
    return build(catalog).sound("the catalog that is there has errors")
