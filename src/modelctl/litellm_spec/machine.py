"""What a config names on the machine where it is read: Python objects, packages, files. Looked for as LiteLLM does;
nothing is imported or run.

Of `custom_auth.check` LiteLLM takes `custom_auth.py` beside the config where there is one, and imports the module
otherwise: from the folder in which it was started, or from what is installed.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.machinery import PathFinder, all_suffixes
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

Look = Literal["there", "no file", "no name", "unfit"]
Kind = Literal["object", "package", "json"]


@dataclass(frozen=True)
class Machine:
    """`beside` is the config's folder, `started` the one in which LiteLLM is started. `looked` is what was found of
    each thing: whoever keeps a result asks again whether it still holds."""

    beside: Path
    started: Path = Path()
    looked: dict[str, str] = field(default_factory=dict)

    def find(self, name: str) -> Look:
        """What becomes of the Python object `MODULE.NAME`. "there" where nobody can tell without running it."""
        return self._look("object", name)

    def lacks(self, package: str) -> bool:
        """Whether LiteLLM is installed here, and this package is not."""
        return self._look("package", package) == "no file"

    def json(self, path: str) -> Look:
        """A file that LiteLLM opens from the folder in which it was started; "unfit" is no JSON."""
        return self._look("json", path)

    def holds(self, looked: Mapping[str, str]) -> bool:
        """Whether everything is as it was looked at."""
        return all(self._look(*key.split(" ", 1)) == found for key, found in looked.items())  # type: ignore[arg-type]

    def _look(self, kind: Kind, name: str) -> Look:
        look = {"object": self._object, "package": _package, "json": self._json}[kind]
        found = self.looked[f"{kind} {name}"] = look(name)
        return found

    def _object(self, written: str) -> Look:
        module, _, name = written.rpartition(".")
        file = self.beside.joinpath(*module.split(".")).with_suffix(".py")
        try:
            text = file.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return "there" if self._may_be_imported(module) else "no file"
        return "there" if _binds(text, name) else "no name"

    def _json(self, path: str) -> Look:
        for folder in (self.started, self.beside):  # who checks need not stand where LiteLLM is started
            try:
                json.loads((folder / path).read_bytes())
            except OSError:
                continue
            except (ValueError, RecursionError):
                return "unfit"
            return "there"
        return "no file"

    def _may_be_imported(self, module: str) -> bool:
        parts = module.split(".")
        return any(_is_in(folder, parts) for folder in (self.beside, self.started)) or _is_installed(parts)


def _package(name: str) -> Look:
    return "there" if not _is_installed(["litellm"]) or _is_installed(name.split(".")) else "no file"


def _is_in(folder: Path, parts: Sequence[str]) -> bool:
    """As a file or as a package; the file beside the config was looked for before."""
    path = folder.joinpath(*parts)
    return path.is_dir() or any(path.with_name(f"{path.name}{suffix}").is_file() for suffix in all_suffixes())


def _is_installed(parts: Sequence[str]) -> bool:
    """For a package's inside only folders are read: to import it would run its code."""
    try:
        spec = find_spec(parts[0])
    except (ImportError, ValueError):
        return False
    for at in range(2, len(parts) + 1):
        if spec is None or spec.submodule_search_locations is None:
            break
        spec = PathFinder.find_spec(".".join(parts[:at]), list(spec.submodule_search_locations))
    return spec is not None


def _binds(text: str, name: str) -> bool:
    plain = re.search(rf"^(?:(?:async )?def |class )?{re.escape(name)}\b\s*[(:=\[]", text, re.MULTILINE)
    return plain is not None or _may_bind(text, name)


def _may_bind(text: str, name: str) -> bool:
    """Whether the module may have the name once it has run; True where that is unknown."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return True  # perhaps of another Python than ours
    return any(found in (name, "*", "__getattr__", "globals", "exec", "setattr") for found in _bound(tree))


def _bound(tree: ast.AST) -> Iterator[str]:
    """Every name that is written, wherever it stands: too many rather than too few."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.alias):
            yield node.asname or node.name.partition(".")[0]
