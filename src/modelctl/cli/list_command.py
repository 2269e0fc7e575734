"""`list`: the models of the catalog, which of them can be used, and where the routes point."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date
from typing import Annotated, Any

import typer

from modelctl import project
from modelctl.cli import api_client, options, output
from modelctl.cli.built import built
from modelctl.cli.dotenv_file import load_dotenv
from modelctl.errors import ModelctlError
from modelctl.project import Settings
from modelctl.service import views
from modelctl.service.answer_types import ModelAnswer, ProviderAnswer
from modelctl.service.model_index import unknown
from modelctl.state.desired import DesiredState
from modelctl.state.selection import Selection
from modelctl.system.key_files import with_keys

ASK_S = 1.0  # seconds to wait for a control plane that may not be running
_NAME = re.compile(r"\b[A-Z][A-Z0-9_]+\b")
NUMBERS = ("context", "in $/1M", "out $/1M")
COLUMNS = ("model", "state", *NUMBERS, "remarks")
_SOON_DAYS = 365  # a later retirement needs no remark
_ROOMY = 100  # columns from which on tags are shown
_STATES = {"current": "good", "ready": "bold", "unset": "dim", "blocked": "warning", "retired": "dim"}


def list_(
    provider: Annotated[str | None, typer.Argument(help="Only this provider's.", show_default=False)] = None,
    catalog: options.Catalog = None,
    env: options.Env = None,
    json: options.Json = False,
    *,
    server: options.Server = None,
) -> None:
    """List the models of the catalog: which can be used, and which the routes point to."""
    settings = options.resolved(catalog, server=server, env=env)
    hint = "mend them; what runs goes on as it is: `modelctl current` and `modelctl status` show it"
    desired = built(settings).sound("the catalog has errors, so there is nothing to list", hint=hint)
    found = views.catalog(desired, _unset(settings, desired), _blocks(settings))
    providers = [each for each in found if provider in (None, each["id"])]
    if provider and not providers:
        raise unknown("provider", provider, [each.id for each in desired.providers])
    if json:
        return output.data(providers)
    routes = _pointing(settings, desired)
    (_grouped if sys.stdout.isatty() else _flat)(providers, routes)


def _unset(settings: Settings, desired: DesiredState) -> set[str]:
    """Variables that models name and that neither this environment, `.env` nor the catalog gives a value."""
    load_dotenv(settings)
    named = {name for provider in desired.providers for model in provider.models for name in model.references}
    environ = with_keys({**desired.env_defaults, **project.environment()}, named)
    there = {name for name, value in environ.items() if value}
    return named - there - desired.env_defaults.keys()


def _blocks(settings: Settings) -> dict[str, Selection]:
    """The models that our control plane has taken out of traffic; none where it does not run."""
    with suppress(ModelctlError):
        answer = api_client.ours(settings, "/models/blocked", ASK_S)
        return {
            one["model"]: Selection(one["model"], "", one["actor"], one["since"], one["reason"], one["until"])
            for one in output.cleaned(answer)
        }
    return {}


def _pointing(settings: Settings, desired: DesiredState) -> dict[str, list[str]]:
    """Public name -> the routes that point to it now; without our control plane, by default."""
    now = {route.name: route.target for route in desired.routes.values()}
    with suppress(ModelctlError):
        answer = api_client.ours(settings, "/routes", ASK_S)
        now |= {one["route"]: one["target"] for one in output.cleaned(answer) if one["route"] in now}
    found: dict[str, list[str]] = {}
    for route, target in now.items():
        found.setdefault(target, []).append(route)
    return found


def _flat(providers: Sequence[ProviderAnswer], routes: Mapping[str, list[str]]) -> None:
    """A line for each model, for `grep` and `awk`."""
    rows = [(provider["id"], *_row(model, routes, True)) for provider in providers for model in provider["models"]]
    output.table(("provider", "model", "state", *NUMBERS, "remarks"), rows, right=NUMBERS)


def _grouped(providers: Sequence[ProviderAnswer], routes: Mapping[str, list[str]]) -> None:
    """Providers as headings; what can be used first, and a missing variable once."""
    ready = [any(model["available"] for model in provider["models"]) for provider in providers]
    ordered = [
        provider for wanted in (True, False) for provider, can in zip(providers, ready, strict=True) if can is wanted
    ]
    heading = [name.upper() for name in COLUMNS]
    rows = [list(_lines(each, routes)) for each in ordered]
    (top,), *tables = output.aligned(COLUMNS, [[heading], *rows], right=NUMBERS)
    output.show(output.paint("dim", top))
    for each, lines in zip(ordered, tables, strict=True):
        output.show(output.paint("bold", output.cleaned(each["name"])) + _lacking(each["models"]))
        for model, line in zip(each["models"], lines, strict=True):
            output.show(output.paint(_STATES[_state(model, routes)], line))


def _lacking(models: Sequence[ModelAnswer]) -> str:
    """The variables that the provider's models lack, and the remedy."""
    names = sorted({name for model in models for name in _NAME.findall(model["reason"] or "") if not _retired(model)})
    them = "it" if len(names) == 1 else "them"
    return output.paint("warning", f"  not set: {', '.join(names)} (put {them} into .env)") if names else ""


def _retired(model: ModelAnswer) -> bool:
    return (model["reason"] or "").startswith("retired")


def _lines(provider: ProviderAnswer, routes: Mapping[str, list[str]]) -> Iterator[tuple[object, ...]]:
    for model in provider["models"]:
        yield _row(model, routes, output.width() >= _ROOMY)


def _row(model: ModelAnswer, routes: Mapping[str, list[str]], roomy: bool) -> tuple[object, ...]:
    price, window = model["price"], model["context_window"]
    return (
        model["public_name"], _state(model, routes), None if window is None else f"{window:,}",
        _usd(price.get("input")), _usd(price.get("output")), _remarks(model, routes, roomy),
    )  # fmt: skip


def _state(model: ModelAnswer, routes: Mapping[str, list[str]]) -> str:
    if not model["available"]:
        return "retired" if _retired(model) else "blocked" if model["blocked"] else "unset"
    return "current" if model["public_name"] in routes else "ready"


def _remarks(model: ModelAnswer, routes: Mapping[str, list[str]], roomy: bool) -> str:
    words = [", ".join(routes.get(model["public_name"], ()))]
    life = model["lifecycle"]
    if roomy:
        words += [model["reason"] or ""]
    elif life.get("successor") and not model["available"] and life.get("status") == "retired":
        words += [f"use {life['successor']}"]
    if _ends_soon(life):
        words += [f"retires {life['retires']}"]
    if roomy and model["public_name"] != model["id"]:
        words += [f"key {model['id']}"]
    if roomy and model["available"]:
        words += [" ".join(model["tags"])]
    return ", ".join(word for word in words if word)


def _ends_soon(life: Mapping[str, Any]) -> bool:
    with suppress(ValueError, TypeError, KeyError):
        return (
            life.get("status") != "retired" and (date.fromisoformat(life["retires"]) - date.today()).days < _SOON_DAYS
        )
    return False


def _usd(value: float | None) -> str | None:
    """Two decimals, and as many more as the price has."""
    if value is None:
        return None
    text = f"{value:,.6f}".rstrip("0")
    whole, _, cents = text.partition(".")
    return f"{whole}.{cents:0<2}"


def add(app: typer.Typer) -> None:
    app.command("list")(list_)
