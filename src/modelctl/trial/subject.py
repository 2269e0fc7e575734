"""What is tried: the config that a catalog renders, or a config file, and where its entries are written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modelctl.configfile.read import parse_config
from modelctl.desired import live
from modelctl.errors import CheckFailed, ModelctlError, errors_in
from modelctl.pipeline import build
from modelctl.settings import Settings, cache_folder, need_catalog


@dataclass(frozen=True)
class Subject:
    config: Mapping[str, Any]
    place: Callable[[int], str]  # of an entry of `model_list`: file:line, empty where it has none


def of_file(path: Path) -> Subject:
    if not path.is_file():
        raise ModelctlError(f"there is no file {path}", hint="a LiteLLM config file; without one, the catalog is tried")
    read = parse_config(path)
    if read.config is None or read.place is None:
        raise CheckFailed(f"{path} cannot be read as LiteLLM's config", problems=errors_in(read.problems))
    place = read.place

    def where(index: int) -> str:
        spot = place(("model_list", index))
        line, _ = spot.document.place(spot.path)
        return f"{spot.document.label}:{line}"

    return Subject(read.config, where)


def of_catalog(settings: Settings) -> Subject:
    built = build(need_catalog(settings), cache_folder(), settings.environment)
    if built.desired is None:
        raise CheckFailed("the catalog has errors, so there is nothing to try", problems=errors_in(built.problems))
    return Subject(live(built.desired, {}).config(), lambda index: "")
