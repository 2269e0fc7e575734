"""`ping`: a real request through the proxy, and its failure in plain words."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, replace
from json import dumps, loads
from typing import Annotated, Any

import typer

from modelctl import project
from modelctl.cli import api_client, options, output
from modelctl.cli.dotenv_file import load_dotenv
from modelctl.errors import ModelctlError, Unreachable
from modelctl.litellm_spec.error_text import message_of, plain
from modelctl.project import Settings
from modelctl.system.state_folder import master_key
from modelctl.usage import PROBE

PROXY_TIMEOUT_S = 60.0
UNKNOWN = "the proxy does not know this model"  # the wording of `plain`
ENOUGH_TOKENS = 64  # for models that refuse, or cannot end, an answer of one token


@dataclass(frozen=True)
class Pong:
    """The result of one request. `answered` is the model string that LiteLLM really called."""

    model: str
    ok: bool
    ms: float
    answered: str | None = None
    error: str | None = None


def ping(
    models: Annotated[
        list[str] | None,
        typer.Argument(help="Public names or routes; else `active`.", autocompletion=options.complete_both),
    ] = None,
    proxy: Annotated[str | None, typer.Option(help="Where LiteLLM listens.", show_default=False)] = None,
    json: options.Json = False,
    catalog: options.Catalog = None,
    *,
    state: options.State = None,
) -> None:
    """Send each model a real request of one token through the proxy."""
    known = options.resolved(catalog, state)
    load_dotenv(known)
    url = proxy or project.proxy_url(known.state)
    key = master_key(known.state)
    pongs = [_known(_ping(url, key, model), known) for model in models or ["active"]]
    if json:
        output.data([asdict(pong) for pong in pongs])
    else:
        rows = [
            (one.model, "ok" if one.ok else "failed", f"{one.ms:,.0f} ms", one.answered or one.error) for one in pongs
        ]
        output.table(("model", "result", "took", "answered by, or error"), rows, right=("took",))
    if not all(pong.ok for pong in pongs):
        raise typer.Exit(1)


def _known(pong: Pong, project: Settings) -> Pong:
    """A hint with the nearest name of the catalog, where the proxy does not know the name."""
    if not (pong.error or "").startswith(UNKNOWN):
        return pong
    near = options.nearest_name(project, pong.model)
    return replace(pong, error=UNKNOWN + (f"; did you mean `{near}`?" if near else ""))


def _ping(url: str, key: str | None, model: str) -> Pong:
    status, headers, answer = _ask(url, key, model, 1)
    if status == 400 and "tokens" in message_of(answer):
        status, headers, answer = _ask(url, key, model, ENOUGH_TOKENS)
    ms, answered = float(headers["took"]), headers.get("x-litellm-model-name")
    if status == 200:
        return Pong(model, True, ms, answered or None)
    return Pong(model, False, ms, None, plain(status, message_of(answer), key))


def _ask(url: str, key: str | None, model: str, tokens: int) -> tuple[int, dict[str, str], Any]:
    body = {"model": model, "messages": [{"role": "user", "content": "ping"}], "max_tokens": tokens}
    headers = {"content-type": "application/json", PROBE: "ping"} | ({"authorization": f"Bearer {key}"} if key else {})
    began = time.monotonic()
    try:
        status, received, text = api_client.exchange(
            url, "POST", "/v1/chat/completions", dumps(body), headers=headers, timeout=PROXY_TIMEOUT_S
        )
    except OSError as error:
        hint = "start it with `modelctl up`, or pass --proxy URL"
        raise Unreachable(f"LiteLLM at {url} does not answer ({error.strerror or error})", hint=hint) from error
    received["took"] = str((time.monotonic() - began) * 1000)
    answer = _json(text)
    if isinstance(answer, dict) and answer.get("src") == "modelctl":
        raise ModelctlError(f"{url} is the control plane, not LiteLLM", hint="--proxy takes where LiteLLM listens")
    refused = status in (401, 403) and "AuthenticationError" not in message_of(
        answer
    )  # an AuthenticationError comes from the provider
    if key is None and (refused or answer is None):
        raise ModelctlError(
            f"{url} wants a key, and none is known", hint="set LITELLM_MASTER_KEY, or pass --state of its project"
        )
    if answer is None:
        raise ModelctlError(f"{url} answers, but not as LiteLLM does")
    return status, received, answer


def _json(text: bytes) -> Any:
    """None for text that is not JSON."""
    try:
        return loads(text)
    except ValueError:
        return None


def add(app: typer.Typer) -> None:
    app.command()(ping)
