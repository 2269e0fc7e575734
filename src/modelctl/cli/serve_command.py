"""`serve`: the control plane alone."""

from __future__ import annotations

from typing import Annotated

import typer

from modelctl import project
from modelctl.cli import git_options, options, output
from modelctl.cli.screen import teller
from modelctl.control_plane.serve import Listen, Publishing, run
from modelctl.control_plane.tls_files import tls_files


def serve(
    catalog: options.Catalog = None,
    state: options.State = None,
    store: options.Store = None,
    host: options.Host = project.HOST,
    *,
    port: options.Port = project.PORT,
    publish: options.Publish = "auto",
    environment: options.Env = None,
    tls_cert: options.TlsCert = None,
    tls_key: options.TlsKey = None,
    git: git_options.Git = None,
    branch: git_options.Branch = "main",
    poll: git_options.Poll = "30s",
    stale_after: git_options.StaleAfter = None,
    preflight: options.Preflight = None,
    fd: Annotated[int | None, typer.Option(hidden=True)] = None,
) -> None:
    """Run the control plane alone, for LiteLLMs that others run with MODELCTL_STATE set."""
    asked = git_options.read(git, branch, poll, stale_after)
    git_options.load_variables(asked, catalog, state)
    settings = git_options.resolved(asked, catalog, state, store, env=environment)
    tls = tls_files(tls_cert, tls_key)
    followed = git_options.checkout(settings, asked)
    scheme = "https" if tls else "http"
    listen = Listen(host, port, fd, lambda: output.say(f"control plane: {scheme}://{host}:{port}; Ctrl-C ends it"), tls)
    tries = asked is not None if preflight is None else preflight
    run(settings, listen, teller(settings), Publishing(publish == "manual", followed, tries))


def add(app: typer.Typer) -> None:
    app.command()(serve)
