"""The config to try: the one that a catalog renders, or a config file, and where its entries are written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from modelctl.catalog.parse import Steps
from modelctl.check.found import Spot
from modelctl.check.subject import Subject
from modelctl.configfile.check_file import check_config
from modelctl.configfile.read_config import parse_config
from modelctl.errors import CheckFailed, ModelctlError, Problem, errors_in
from modelctl.litellm_spec.hot_settings import ELSEWHERE
from modelctl.pipeline import Builder
from modelctl.project import Settings, cache_folder, need_catalog
from modelctl.state.desired import Deployment
from modelctl.state.router_config import resolve_routes


@dataclass(frozen=True)
class TrialConfig:
    """`place`: file:line of a path of `config`, empty where it has none. `problems`: what `check` finds now."""

    config: Mapping[str, Any]
    place: Callable[[Steps], str]
    problems: Callable[[], Sequence[Problem]]
    root: Path  # from which files are named


def of_file(path: Path) -> TrialConfig:
    if not path.is_file():
        raise ModelctlError(f"there is no file {path}", hint="a LiteLLM config file; without one, the catalog is tried")
    read = parse_config(path)
    if read.config is None or read.place is None:
        raise CheckFailed(f"{path} cannot be read as LiteLLM's config", problems=errors_in(read.problems))
    spot = read.place
    today = datetime.now(UTC).date()
    return TrialConfig(read.config, lambda path: _shown(spot(path)), lambda: check_config(path, today)[0], Path.cwd())


def of_catalog(settings: Settings) -> TrialConfig:
    folder = need_catalog(settings)
    builder = Builder(folder, environment=settings.environment)
    desired = builder.build().sound("the catalog has errors, so there is nothing to try")

    def problems() -> Sequence[Problem]:
        return Builder(folder, cache=cache_folder(), environment=settings.environment).build().problems

    place = partial(_in_catalog, builder.subject(), list(desired.deployments.values()))
    return TrialConfig(resolve_routes(desired, {}).config(), place, problems, settings.root)


def _in_catalog(seen: Subject | None, deployments: Sequence[Deployment], path: Steps) -> str:
    """Where the catalog says what stands at a path of the render; empty for what is made from routes."""
    if seen is None:
        return ""
    if path[0] == "model_list":
        wanted = deployments[int(path[1])]
        entries = (entry for entry in seen.entries if entry.group == wanted.group and entry.params is wanted.params)
        return next((_shown(each.at(*path[2:])) for each in entries), "")
    return _shown(seen.at(*path)) if seen.section_spot and path[1] not in ELSEWHERE else ""


def _shown(spot: Spot) -> str:
    line, _ = spot.document.place(spot.path)
    return f"{spot.document.label}:{line}"
