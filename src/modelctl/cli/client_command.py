"""`client NAME`: the configuration with which another program uses the proxy."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from modelctl import project
from modelctl.cli import api_client, options, output
from modelctl.cli.written_file import write_file
from modelctl.client_configs import CLIENTS, Config, Setup, choices
from modelctl.errors import CheckFailed, ModelctlError, Unreachable, UsageError
from modelctl.pipeline import build
from modelctl.project import Settings
from modelctl.service import Snapshot, views
from modelctl.service.answer_types import ProviderAnswer, RouteAnswer
from modelctl.service.model_index import Index, short
from modelctl.state.selection import Head
from modelctl.text.nearest import nearest

WHAT = {
    "opencode": "opencode.json",
    "codex": "a profile for Codex",
    "claude": "variables for Claude Code",
    "aider": ".aider.conf.yml and what it must know of each model",
    "openwebui": "variables for Open WebUI",
    "llm": "extra-openai-models.yaml",
    "continue": "config.yaml for Continue",
    "env": "variables that OpenAI's and most other libraries read",
}
NAMES = ", ".join(WHAT)


def _complete_names(incomplete: str) -> list[str]:
    return options.beginning(NAMES.split(", "), incomplete)


def client(
    name: Annotated[
        str | None, typer.Argument(help=f"One of: {NAMES}.", show_default=False, autocompletion=_complete_names)
    ] = None,
    route: options.Route = "active",
    models: Annotated[bool, typer.Option(help="Also the models that can be asked now, not only the routes.")] = True,
    proxy: Annotated[
        str | None, typer.Option(help=r"Where the client reaches LiteLLM. \[env: MODELCTL_PROXY]", show_default=False)
    ] = None,
    *,
    key: Annotated[str, typer.Option(help="The variable that will hold the proxy's key.")] = "LITELLM_MASTER_KEY",
    part: Annotated[int, typer.Option(min=1, help="Which file to print, of a client with several.")] = 1,
    write: Annotated[bool, typer.Option("--write", help="Write the client's file instead of printing it.")] = False,
    force: Annotated[bool, typer.Option("--force", help="With --write: replace a file that is there.")] = False,
    json: options.Json = False,
    server: options.Server = None,
    catalog: options.Catalog = None,
    state: options.State = None,
) -> None:
    """Print the configuration of another program, with routes, limits and prices filled in; never a key.

    Without NAME: list them.
    """
    if name is None:
        return output.data(list(CLIENTS)) if json else output.table(("client", "what"), list(WHAT.items()))
    make = CLIENTS.get(name)
    if make is None:
        raise _unknown(name, CLIENTS)
    if not key.isidentifier():
        raise UsageError("--key takes the name of a variable, never the key itself", hint="--key LITELLM_MASTER_KEY")
    settings = options.resolved(catalog, state, server)
    config = make(_setup(settings, route, models, proxy, key=key))
    written = _write(name, config, force) if write else None
    if json:
        return output.data(_as_data(name, config) | ({} if written is None else {"written": written}))
    if written is not None:
        for path in written:
            output.say(f"wrote {path}")
    else:
        _print(config, part)
    for note in config.notes:
        output.say(f"note: {note}")
    if not project.environment().get(key) and (settings.state / "master_key").is_file():
        output.say(f'note: {key} is not set; this project\'s key: export {key}="$(cat {settings.state}/master_key)"')


def _setup(settings: Settings, route: str, models: bool, proxy: str | None, *, key: str) -> Setup:
    routes, providers = _live(settings)
    names = {name: one["route"] for one in routes for name in (one["route"], *one["also"])}
    if route not in names and (names or route != "active"):
        raise _unknown(route, names, "route")
    offered = choices(routes, providers, names.get(route, route))
    kept = tuple(choice for choice in offered if models or choice.target is not None) or tuple(offered[:1])
    if not kept:
        raise ModelctlError("there is no chat model to offer", hint="`modelctl list` says why each is not available")
    address = (proxy or project.proxy_url(settings.state)).rstrip("/").removesuffix("/v1")
    return Setup(address, kept, key, project.environment())


def _live(settings: Settings) -> tuple[list[RouteAnswer], list[ProviderAnswer]]:
    """Routes and models from the control plane; without one, from the catalog."""
    try:
        return api_client.get(settings, "/routes"), api_client.get(settings, "/models/list")
    except Unreachable:
        if not settings.catalog.is_dir():
            raise
    desired = build(settings.catalog).desired
    if desired is None:
        raise CheckFailed("no control plane answers, and the catalog has errors", hint="modelctl check")
    output.say("note: no control plane answers; this is what the catalog says, whatever keys are set")
    return views.all_routes(Snapshot(Head(), Index(desired), (), 0.0)), views.catalog(desired, ())


def _print(config: Config, part: int) -> None:
    if config.lines:
        return output.out("\n".join(config.lines))
    if part > len(config.files):
        count = len(config.files)
        raise UsageError(f"this client has {count} file{'' if count == 1 else 's'}", hint="--part counts from 1")
    file = config.files[part - 1]
    print(file.text, end="", flush=True)
    for number, other in enumerate(config.files, 1):
        if other is not file:
            output.say(f"note: {other.path} belongs to it too: --part {number}, or --write for all")


def _write(name: str, config: Config, force: bool) -> list[str]:
    """The written files. All or nothing: if a file exists already, nothing is written."""
    if not config.files:
        raise UsageError(f"`{name}` takes environment lines, there is no file to write")
    there = [file.path for file in config.files if file.path.exists() or file.path.is_symlink()]
    if there and not force:
        raise ModelctlError(f"{there[0]} is there already", hint="print it and take over what you need, or add --force")
    for file in config.files:
        _replace(file.path, file.text)
    return [str(file.path) for file in config.files]


def _replace(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ModelctlError(f"cannot make {path.parent}: {error.strerror or error}") from error
    write_file(path, text)


def _as_data(name: str, config: Config) -> dict[str, Any]:
    files = [{"path": str(file.path), "text": file.text} for file in config.files]
    return {"client": name, "files": files, "lines": list(config.lines), "notes": list(config.notes)}


def _unknown(name: str, known: Any, kind: str = "client") -> UsageError:
    near = nearest(name, known)
    hint = f"did you mean `{near}`?" if near else f"one of: {', '.join(known)}"
    return UsageError(f"no {kind} `{short(name)}`", hint=hint)


def add(app: typer.Typer) -> None:
    app.command()(client)
