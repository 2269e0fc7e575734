"""`up`, `serve`, `restart`: processes."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from modelctl import project
from modelctl.cli import options, output
from modelctl.cli.dotenv_file import load_dotenv
from modelctl.errors import ModelctlError
from modelctl.litellm_spec import supported_lines
from modelctl.system.state_folder import make_state

Host = Annotated[str, typer.Option(help="Where the control plane listens; other than loopback needs MODELCTL_TOKEN.")]
Port = Annotated[int, typer.Option(min=1, max=65535, help="The control plane's port.")]
Publish = Annotated[
    Literal["auto", "manual"], typer.Option(help="auto: a checked edit goes live by itself; manual: on `refresh`.")
]


def up(
    catalog: options.Catalog = None,
    state: options.State = None,
    store: options.Store = None,
    host: Host = project.HOST,
    port: Port = project.PORT,
    proxy_host: Annotated[str, typer.Option(help="Where LiteLLM listens.")] = project.PROXY_HOST,
    proxy_port: Annotated[int, typer.Option(min=1, max=65535, help="LiteLLM's port.")] = project.PROXY_PORT,
    workers: Annotated[int, typer.Option(min=1, max=64, help="How many LiteLLM processes share that port.")] = 1,
    publish: Publish = "auto",
    environment: options.Env = None,
) -> None:
    """Run the control plane and LiteLLM, and keep both alive."""
    import asyncio

    from modelctl.cli.screen import screen
    from modelctl.supervisor import lock
    from modelctl.supervisor.launch import LaunchSpec
    from modelctl.supervisor.up import Up

    first = options.resolved(catalog, state, None, store)
    project.need_catalog(first)
    supported_lines.installed()  # reported now, not by a worker that fails to start again and again
    from_dotenv = load_dotenv(first)
    settings = options.resolved(
        catalog, state, None, store, environment
    )  # resolved again, since `.env` may hold the token
    project.refuse_open_writes(settings, host)
    make_state(settings.state)
    lock.take(settings.state)
    plan = LaunchSpec(
        settings, project.environment(), from_dotenv, host, port, proxy_host, proxy_port, workers, publish == "manual"
    )
    asyncio.run(Up(plan, screen()).run())


def serve(
    catalog: options.Catalog = None,
    state: options.State = None,
    store: options.Store = None,
    host: Host = project.HOST,
    port: Port = project.PORT,
    publish: Publish = "auto",
    environment: options.Env = None,
    fd: Annotated[int | None, typer.Option(hidden=True)] = None,
) -> None:
    """Run the control plane alone, for LiteLLMs that others run with MODELCTL_STATE set."""
    from modelctl.cli.screen import teller
    from modelctl.control_plane.serve import Listen, run

    first = options.resolved(catalog, state, None, store)
    load_dotenv(first)
    settings = options.resolved(catalog, state, None, store, environment)
    listen = Listen(host, port, fd, lambda: output.say(f"control plane: http://{host}:{port}; Ctrl-C ends it"))
    run(settings, listen, teller(settings), manual=publish == "manual")


def restart(state: options.State = None, catalog: options.Catalog = None, json: options.Json = False) -> None:
    """Restart the LiteLLM workers of `up` one by one; the port answers all the while."""
    import os
    import signal
    from json import loads

    path = options.resolved(catalog, state).state / "up.json"
    try:
        pid = int(loads(path.read_text())["pid"])
        os.kill(pid, signal.SIGHUP)
    except (OSError, ValueError, KeyError) as error:
        raise ModelctlError("no `modelctl up` runs in this project", hint="modelctl up") from error
    if json:
        return output.data({"asked": pid})
    output.say("asked `modelctl up` to restart its workers; its terminal and `modelctl status` show how it goes")


def add(app: typer.Typer) -> None:
    for command in (up, serve, restart):
        app.command()(command)
