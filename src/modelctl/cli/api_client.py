"""Asks the control plane. On the standard library, because a command should answer at once."""

from __future__ import annotations

import http.client
import json
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlencode, urlsplit

from modelctl.cli import output
from modelctl.errors import ModelctlError, Problem, Unreachable
from modelctl.project import MARK, PROJECT, Settings, trusted_file

TIMEOUT_S = 30.0
FORCE = "`force` overrides this"  # the API's name for an option
Exchange = tuple[int, dict[str, str], bytes]


class ApiAnswer(ModelctlError):
    """An error answer of the control plane."""


def ours(settings: Settings, path: str, timeout: float) -> Any:
    """The answer of this project's own control plane. Raises Unreachable where another project's listens."""
    try:
        answer = exchange(settings.server, "GET", path, None, headers=_headers(settings), timeout=timeout)
    except OSError as error:
        raise _silent(settings, error) from error
    if answer[0] != 200 or answer[1].get(MARK, settings.mark) != settings.mark:
        raise Unreachable(f"{settings.server} is not the control plane of this project")
    return _value(settings, answer[2])


def get(settings: Settings, path: str, **query: object) -> Any:
    asked = {name: value for name, value in query.items() if value is not None}
    return call(settings, "GET", f"{path}?{urlencode(asked)}" if asked else path)


def text(settings: Settings, path: str, **query: object) -> str:
    """The raw text of an answer that is not JSON. Raises as `call` does."""
    asked = urlencode({name: value for name, value in query.items() if value is not None})
    status, headers, found = _asked(settings, "GET", f"{path}?{asked}", None, headers=_headers(settings))
    _say_whose(settings, headers)
    if status >= 400:
        raise _refusal(settings, _value(settings, found))
    return found.decode()


def post(settings: Settings, path: str, **body: object) -> Any:
    return call(settings, "POST", path, {name: value for name, value in body.items() if value is not None})


def call(settings: Settings, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
    """The JSON answer. Raises Unreachable (nothing listens) or ApiAnswer (an error answer)."""
    payload = None if body is None else json.dumps(body)
    status, headers, text = _asked(settings, method, path, payload, headers=_headers(settings))
    value = _value(settings, text)
    _say_whose(settings, headers)
    if status >= 400:
        raise _refusal(settings, value)
    return value


def _say_whose(settings: Settings, headers: Mapping[str, str]) -> None:
    """Without an explicit server, the one that listens may belong to another project: refuse it."""
    whose = headers.get(MARK)
    if not whose or whose == settings.mark or settings.server_named:
        return
    name = unquote(headers.get(PROJECT, ""))
    named = (
        f"project `{name}` answers at {settings.server}" if name else f"another project answers at {settings.server}"
    )
    here = f", not the one of {settings.catalog}" if settings.catalog.is_dir() else ""
    output.say(f"note: {named}{here}; --server says which one is meant")


def lines(settings: Settings, path: str, body: Mapping[str, Any], silence: float) -> Iterator[Any]:
    """Each line of a streamed answer, as it comes; `silence` is the longest wait for a line in seconds.

    Raises as `call` does. Closing it early also ends the server's work.
    """
    with _opened(settings, path, json.dumps(body), silence + TIMEOUT_S) as answer:
        if answer.status >= 400:
            raise _refusal(settings, _value(settings, answer.read()))
        try:
            for line in answer:
                if line.strip():
                    yield _value(settings, line)
        except (OSError, http.client.HTTPException) as error:
            raise Unreachable(f"the control plane at {settings.server} broke off ({_reason(error)})") from error


@contextmanager
def _opened(settings: Settings, path: str, payload: str, timeout: float) -> Iterator[http.client.HTTPResponse]:
    connection = None
    try:
        connection = _connection(settings.server, timeout)
        connection.request("POST", urlsplit(settings.server).path.rstrip("/") + path, payload, _headers(settings))
        answer = connection.getresponse()
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise _silent(settings, error) from error
    try:
        yield answer
    finally:
        answer.close()
        connection.close()


def _connection(base: str, timeout: float) -> http.client.HTTPConnection:
    url = urlsplit(base)
    if url.scheme != "https":
        return http.client.HTTPConnection(url.hostname or "", url.port, timeout=timeout)
    return http.client.HTTPSConnection(url.hostname or "", url.port, timeout=timeout, context=_trust(trusted_file()))


def _trust(file: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=file)
    except OSError as error:
        text = "it holds no certificate" if isinstance(error, ssl.SSLError) else _reason(error).lower()
        raise ModelctlError(f"cannot read what MODELCTL_CA names, {file}: {text}") from error


def exchange(
    base: str, method: str, path: str, payload: str | None, *, headers: Mapping[str, str], timeout: float = TIMEOUT_S
) -> Exchange:
    """Status, headers (lower case) and body. Raises OSError when no answer arrives."""
    try:
        connection = _connection(base, timeout)
        connection.request(method, urlsplit(base).path.rstrip("/") + path, payload, dict(headers))
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    except ssl.SSLCertVerificationError:  # a ValueError, too
        raise
    except (ValueError, http.client.HTTPException) as error:
        raise OSError(0, str(error) or type(error).__name__) from error


def _asked(settings: Settings, method: str, path: str, payload: str | None, *, headers: Mapping[str, str]) -> Exchange:
    try:
        return exchange(settings.server, method, path, payload, headers=headers)
    except OSError as error:
        raise _silent(settings, error) from error


def _silent(settings: Settings, error: Exception) -> Unreachable:
    if isinstance(error, ssl.SSLCertVerificationError):
        text = f"the certificate of {settings.server} is not trusted ({error.verify_message})"
        return Unreachable(text, hint="MODELCTL_CA names a file with the certificate of who signed it")
    return Unreachable(
        f"the control plane at {settings.server} does not answer ({_reason(error)})",
        hint="start it with `modelctl up` or `modelctl serve`, or pass --server URL",
    )


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error or type(error).__name__)


def _headers(settings: Settings) -> dict[str, str]:
    token = {"authorization": f"Bearer {settings.token}"} if settings.token else {}
    return {"accept": "application/json", "content-type": "application/json", **token}


def _value(settings: Settings, text: bytes) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise Unreachable(f"{settings.server} answers, but not as modelctl does") from error


def _refusal(settings: Settings, value: object) -> ModelctlError:
    error = value.get("error") if isinstance(value, dict) and value.get("src") == "modelctl" else None
    if not isinstance(error, dict):
        return Unreachable(f"{settings.server} answers, but not as modelctl does")
    problems = [Problem(**problem) for problem in error.get("problems", ())]
    hint = error.get("hint")
    if error.get("code") == "refused" and hint and FORCE in hint:
        hint = hint.replace(FORCE, "--force overrides this,")
    if error.get("code") == "unauthorized":
        hint = "set MODELCTL_TOKEN"
    answer = ApiAnswer(error["message"], hint=hint, problems=problems)
    answer.code = error.get("code", answer.code)
    return answer
