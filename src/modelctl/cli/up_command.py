"""`up`: control plane and LiteLLM in one."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from modelctl import project
from modelctl.cli import git_options, options
from modelctl.cli.screen import screen
from modelctl.control_plane.tls_files import TlsFiles, server_context, tls_files
from modelctl.litellm_spec import supported_lines
from modelctl.supervisor import lock
from modelctl.supervisor.launch import LaunchSpec
from modelctl.supervisor.up import Up
from modelctl.system.state_folder import make_state


def up(
    catalog: options.Catalog = None,
    state: options.State = None,
    store: options.Store = None,
    host: options.Host = project.HOST,
    *,
    port: options.Port = project.PORT,
    proxy_host: Annotated[str, typer.Option(help="Where LiteLLM listens.")] = project.PROXY_HOST,
    proxy_port: Annotated[int, typer.Option(min=1, max=65535, help="LiteLLM's port.")] = project.PROXY_PORT,
    workers: Annotated[int, typer.Option(min=1, max=64, help="How many LiteLLM processes share that port.")] = 1,
    drain: Annotated[
        str, typer.Option(help="How long a worker that `restart` replaces may finish what it serves.")
    ] = "60s",
    publish: options.Publish = "auto",
    environment: options.Env = None,
    tls_cert: options.TlsCert = None,
    tls_key: options.TlsKey = None,
    git: git_options.Git = None,
    branch: git_options.Branch = "main",
    poll: git_options.Poll = "30s",
    stale_after: git_options.StaleAfter = None,
    preflight: options.Preflight = None,
) -> None:
    """Run the control plane and LiteLLM, and keep both alive."""
    asked = git_options.read(git, branch, poll, stale_after)
    if asked is None:
        project.need_catalog(options.resolved(catalog, state))
    supported_lines.installed()  # reported now, not by a worker that fails to start again and again
    from_dotenv = git_options.load_variables(asked, catalog, state)  # before the settings: it may hold the token
    settings = git_options.resolved(asked, catalog, state, store, env=environment)
    project.refuse_open_writes(settings, host)
    patience, tls = options.seconds(drain), _tls(tls_cert, tls_key)
    make_state(settings.state)
    lock.take(settings.state)
    git_options.checkout(settings, asked)
    project.need_catalog(settings)
    plan = LaunchSpec(
        settings,
        project.environment(),
        from_dotenv,
        host,
        port,
        proxy_host,
        proxy_port,
        workers,
        publish == "manual",
        drain_s=patience,
        tls=tls,
        preflight=preflight,
        git_url=asked.url if asked else None,
        git=asked.argv if asked else (),
    )
    asyncio.run(Up(plan, screen()).run())


def _tls(cert: Path | None, key: Path | None) -> TlsFiles | None:
    """Tried now, not by a control plane that fails to start again and again."""
    files = tls_files(cert, key)
    if files:
        server_context(files)
    return files


def add(app: typer.Typer) -> None:
    app.command()(up)
