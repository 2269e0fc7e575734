"""Loads the state that a plan compares the catalog with: a folder, a git revision, a server, a config."""

from __future__ import annotations

import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

from modelctl.build.rendering import render_text
from modelctl.configfile import read_config
from modelctl.errors import CheckFailed, ModelctlError, errors_in
from modelctl.litellm_spec.config import (
    ALIASES,
    FALLBACK_KINDS,
    ConfigEntry,
    aliases_in,
    chains_of,
    entry_parts,
    malformed,
    section,
)  # fmt: skip
from modelctl.litellm_spec.facts import LITELLM_NAMES
from modelctl.litellm_spec.price_map import PRICE_NAMES, facts_of, stated_price
from modelctl.pipeline import build
from modelctl.state.desired import Deployment, DesiredState, Model, Provider, Route, deployment
from modelctl.state.desired_json import from_whole, whole
from modelctl.state.router_config import resolve_routes


def of_folder(catalog: Path, environment: str | None = None) -> DesiredState:
    """Another catalog folder. Raises CheckFailed when it has errors."""
    return build(catalog, environment=environment).sound(f"the catalog in {catalog} has errors")


def of_revision(catalog: Path, revision: str, environment: str | None = None) -> DesiredState:
    """The catalog as git has it at `revision`; the working tree is not touched."""
    archive = _git(catalog, "archive", "--format=tar", revision, "--", f"./{catalog.name}")
    with tempfile.TemporaryDirectory(prefix="modelctl-plan-") as folder:
        with tarfile.open(fileobj=BytesIO(archive)) as tar:
            tar.extractall(folder, filter="data")
        return of_folder(Path(folder) / catalog.name, environment)


def _git(catalog: Path, *arguments: str) -> bytes:
    if arguments[2].startswith("-"):
        raise ModelctlError(f"`{arguments[2]}` is no revision")
    try:
        done = subprocess.run(["git", "-C", str(catalog.parent), *arguments], capture_output=True, check=False)
    except OSError as error:
        raise ModelctlError(f"git is needed to compare with a revision: {error.strerror}") from error
    if done.returncode:
        errors = done.stderr.decode(errors="replace").strip().splitlines()
        raise ModelctlError(f"git does not have that catalog: {errors[-1] if errors else 'no reason given'}")
    return done.stdout


def of_answer(data: Mapping[str, Any]) -> DesiredState | None:
    """What `GET /desired` of a control plane says; None when nothing is published there."""
    if data.get("manifest") is None:
        return None
    return from_whole(data)


def to_answer(desired: DesiredState | None) -> dict[str, Any]:
    """The inverse of `to_answer`."""
    return {"revision": None, "manifest": None} if desired is None else whole(desired)


def of_file(path: Path, after: DesiredState, template: Path | None = None) -> DesiredState:
    """A rendered (or any other) LiteLLM config.

    What such a file cannot say (requirements of routes, lifecycles, descriptions) is taken from `after`,
    so that it counts as unchanged; a file that is just what `after` renders to is `after`.
    """
    read = read_config(path)
    if read.config is None:
        raise CheckFailed(f"{path} cannot be read", problems=errors_in(read.problems))
    if path.read_text(encoding="utf-8", errors="replace") == render_text(after, template):
        return after
    return _from_config(read.config, after)


def _from_config(config: Mapping[str, Any], after: DesiredState) -> DesiredState:
    written = [each for each in config.get("model_list") or [] if malformed(each) is None]
    entries = [_deployment(entry_parts(each), after) for each in written]
    aliases = {alias.name: alias.target for alias in aliases_in(config) if alias.target is not None}
    chains = {kind: _merged(config, kind) for kind in FALLBACK_KINDS}
    routes = {name: _route(name, target, chains, after) for name, target in _own_names(aliases, after).items()}
    elsewhere = (*FALLBACK_KINDS, ALIASES[1])
    router = {key: each for key, each in section(config, "router_settings").items() if key not in elsewhere}
    settings = {name: value for name, value in config.items() if name not in ("model_list", "router_settings")}
    return DesiredState(
        {each.id: each for each in entries},
        routes,
        {kind: {name: chain for name, chain in found.items() if name not in aliases} for kind, found in chains.items()},
        {**settings, **({"router_settings": router} if router else {})},
        after.env_defaults,
        tuple(_providers(entries, after)),
    )


def _deployment(entry: ConfigEntry, after: DesiredState) -> Deployment:
    """The entry under the id that a catalog or a render gives it."""
    info, params = dict(entry.info), dict(entry.params)
    made = deployment(entry.group, params, info)
    id_ = info.pop("id", None)
    return made if id_ is None or made.id in after.deployments else Deployment(str(id_), entry.group, params, info)


def _merged(config: Mapping[str, Any], kind: str) -> dict[str, list[str]]:
    """The fallbacks of one kind that LiteLLM can read, where `render` writes them."""
    found = chains_of(section(config, "router_settings").get(kind), ("router_settings", kind))
    return {each.name: each.steps for each in found if each.name is not None and each.steps is not None}


def _own_names(aliases: Mapping[str, str], after: DesiredState) -> dict[str, str]:
    """Aliases that are further names of a route are not routes of their own."""
    further = {name for route in after.routes.values() for name in route.also}
    further |= {alias for alias in resolve_routes(after, {}).aliases if alias not in after.routes}
    return {name: target for name, target in aliases.items() if name not in further}


def _route(name: str, target: str, chains: Mapping[str, Mapping[str, list[str]]], after: DesiredState) -> Route:
    own: dict[str, Any] = {kind: tuple(found[name]) if name in found else None for kind, found in chains.items()}
    known = after.routes.get(name)
    return replace(known, target=target, **own) if known else Route(name, target, **own)


def _providers(entries: list[Deployment], after: DesiredState) -> Iterator[Provider]:
    known = {model.public_name: model for provider in after.providers for model in provider.models}
    models: dict[str, dict[str, Model]] = {}
    for entry in entries:
        model = _model(entry, known.get(entry.group))
        models.setdefault(model.provider, {}).setdefault(model.id, model)
    for provider, found in models.items():
        yield Provider(provider, provider, tuple(found.values()))


def _model(deployment: Deployment, same: Model | None) -> Model:
    """Facts from the map and from what the entry overrides, as compile would have put them together."""
    known = facts_of(str(deployment.params.get("model")), deployment.info.get("base_model"))
    info = {**deployment.params, **deployment.info}
    facts = {ours: info.get(theirs, getattr(known, ours)) for ours, theirs in LITELLM_NAMES.items()}
    price = {
        side: stated_price(info[theirs]) if theirs in info else getattr(known, side)
        for side, theirs in PRICE_NAMES.items()
    }
    name = deployment.group
    return replace(same or Model(name, "", name, name), price=price, rendered=True, **facts)
