"""`explain-request`: why a recent request went where it went."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

import typer

from modelctl.cli import api_client, options, output


def explain_request(
    id: Annotated[
        str,
        typer.Argument(help="`x-litellm-call-id` of its answer, or the answer's own `id`.", show_default=False),
    ],
    json: options.Json = False,
    server: options.Server = None,
    *,
    catalog: options.Catalog = None,
    state: options.State = None,
) -> None:
    """Say why a recent request went where it went: revision, selection, split, calls, fallbacks."""
    answer = api_client.get(options.resolved(catalog, state, server), f"/requests/{quote(id, safe='')}")
    if json:
        return output.data(answer)
    for number, text in enumerate(output.cleaned(answer)["says"]):
        margin = "  " if number else ""
        lines = output.wrap(text, output.width() - len(margin) - 2)
        output.out(f"\n{margin}  ".join([margin + lines[0], *lines[1:]]))


def add(app: typer.Typer) -> None:
    app.command("explain-request")(explain_request)
