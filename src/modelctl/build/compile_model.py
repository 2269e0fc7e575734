"""One model of a catalog -> its deployments, and the model as people see it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date, datetime
from operator import attrgetter
from typing import Any

from modelctl.catalog import overrides, schema
from modelctl.catalog.compiled_provider import CatalogModel
from modelctl.catalog.parse import Document, Steps
from modelctl.litellm_spec.facts import LITELLM_NAMES
from modelctl.litellm_spec.price_map import Facts, facts_of
from modelctl.state import desired
from modelctl.state.desired import Deployment, Model
from modelctl.system.key_files import SUFFIX, path_of, variable_for

REFERENCE = re.compile(r"os\.environ/(.+)")

_ENDPOINT = ("api_key", "api_base", "api_version")


def compile_model(
    provider: str,
    header: schema.ProviderSpec,
    key: str,
    written: schema.ModelSpec,
    *,
    document: Document,
    path: Steps,
    today: date,
) -> tuple[CatalogModel, list[Deployment]]:
    public_name = written.public_name or (f"{provider}/{key}" if "*" in key else key)
    upstream = _upstream(provider, header, key, written)
    known = facts_of(upstream, written.base_model)
    lifecycle = overrides.lifecycle(written.lifecycle, known, today)
    rendered = lifecycle.get("status") != "retired" or bool(written.lifecycle and written.lifecycle.render)
    info = overrides.overridden(written, known)
    specs: Iterable[schema.DeploymentSpec | None] = written.deployments or (None,)
    own = [
        _deployment(public_name, provider, header, key, model=written, spec=spec, upstream=upstream, facts=info)
        for spec in specs
    ]
    model = _model(
        provider,
        public_name,
        header,
        key,
        written=written,
        known=known,
        lifecycle=lifecycle,
        rendered=rendered,
        deployments=own,
    )
    ids = tuple(one.id for one in own)
    files = key_files(written, *(written.deployments or ()))
    return CatalogModel(public_name, provider, key, written, model, rendered, ids, document, path, upstream, files), own


def _upstream(provider: str, header: schema.ProviderSpec, key: str, *levels: schema.UpstreamSpec | None) -> str:
    """`<litellm_provider>/<model or key>`, literally; the innermost level that says something wins."""
    for level in reversed(levels):
        if level and level.litellm_model:
            return level.litellm_model
        if level and level.model:
            return f"{header.litellm_provider or provider}/{level.model}"
    return f"{header.litellm_provider or provider}/{key}"


def _deployment(
    group: str,
    provider: str,
    header: schema.ProviderSpec,
    key: str,
    *,
    model: schema.ModelSpec,
    spec: schema.DeploymentSpec | None,
    upstream: str,
    facts: Mapping[str, Any],
) -> Deployment:
    """`upstream` and `facts` are the model's."""
    levels: list[schema.EndpointSpec] = [header, model, *([spec] if spec else [])]
    params: dict[str, Any] = {"model": upstream if spec is None else _upstream(provider, header, key, model, spec)}
    params |= {name: value for name in _ENDPOINT if (value := _innermost(levels, name)) is not None}
    info: dict[str, Any] = {}
    for level in levels:
        if level.params:
            params.update(plain(level.params))
        if level.info:
            info.update(plain(level.info))
    params.update({name: f"os.environ/{variable_for(path)}" for name, at in params.items() if (path := path_of(at))})
    if spec and spec.tags:
        params["tags"] = spec.tags
    if model.budget and model.budget.block:
        params = {**params, "max_budget": model.budget.per_day, "budget_duration": "1d"}
    base_model = (spec and spec.base_model) or model.base_model
    if base_model:
        info["base_model"] = base_model
    info.update(facts)
    return desired.deployment(group, params, info)


def _innermost(levels: list[schema.EndpointSpec], name: str) -> Any:
    """What the last level that says anything says."""
    for level in reversed(levels):
        if (value := getattr(level, name)) is not None:
            return value
    return None


def plain(value: object) -> Any:
    """Only what JSON holds: dates become their ISO text."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value.isoformat() if isinstance(value, (date, datetime)) else value


_FACTS = attrgetter(*LITELLM_NAMES)


def _model(
    provider: str,
    public_name: str,
    header: schema.ProviderSpec,
    key: str,
    *,
    written: schema.ModelSpec,
    known: Facts,
    lifecycle: dict[str, Any],
    rendered: bool,
    deployments: Iterable[Deployment],
) -> Model:
    facts = {
        ours: listed if own is None else own
        for ours, own, listed in zip(LITELLM_NAMES, _FACTS(written), _FACTS(known), strict=True)
    }
    tags = header.tags if written.tags is None else written.tags
    return Model(
        id=key,
        provider=provider,
        public_name=public_name,
        name=written.name or key,
        description=written.description,
        price=overrides.price(written.price, known),
        tags=tuple(tags or ()),
        icon=header.icon if written.icon is None else written.icon,
        color=header.color if written.color is None else written.color,
        lifecycle=lifecycle,
        rendered=rendered,
        protected=written.protected,
        references=_references(deployments, header.env_defaults or {}),
        budget=asdict(budget) if (budget := overrides.budget(written.budget)) else None,
        **facts,
    )


def key_files(*levels: schema.EndpointSpec) -> dict[str, str]:
    """The variables that name the files which these refer to (`file:/run/secrets/openai`), with their paths."""
    written = (value for level in levels for value in (level.api_key, *(level.params or {}).values()))
    return {variable_for(path) + SUFFIX: path for value in written if (path := path_of(value))}


def _references(deployments: Iterable[Deployment], defaults: Mapping[str, str]) -> tuple[str, ...]:
    """Variables that every deployment of the model needs and that have no default."""
    needed = [
        {
            match[1]
            for value in deployment.params.values()
            if isinstance(value, str) and (match := REFERENCE.fullmatch(value))
        }
        for deployment in deployments
    ]
    return tuple(sorted(set.intersection(*needed) - defaults.keys())) if needed else ()
