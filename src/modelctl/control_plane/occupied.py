"""Finds out what answers on a port that is in use, for the error message."""

from __future__ import annotations

import http.client
from urllib.parse import unquote

from modelctl.errors import ModelctlError
from modelctl.project import MARK, PROJECT, Settings, reachable

ASK_S = 0.5
_LIVELINESS = "/health/liveliness"  # LiteLLM's, and it needs no key


class Occupant:
    """A function of an address whose port is in use: the error to raise, where we know what runs there."""

    def __init__(self, settings: Settings, option: str) -> None:
        self._mark, self._option = settings.mark, option

    def __call__(self, host: str, port: int) -> ModelctlError | None:
        other = f"choose another port with {self._option} PORT"
        headers = _headers(host, port, "/healthz")
        if headers.get(MARK) == self._mark:
            text = f"port {port} on {host} is in use: the control plane of this catalog runs there already"
            return ModelctlError(text, hint=f"`modelctl status` shows it; end it, or {other}")
        if MARK in headers:
            name = unquote(headers.get(PROJECT, ""))
            text = f"port {port} on {host} is in use: the control plane of {f'project `{name}`' if name else 'another'}"
            return ModelctlError(f"{text} runs there", hint=f"end it, or {other}")
        if any(name.startswith("x-litellm") for name in (headers or _headers(host, port, _LIVELINESS))):
            return ModelctlError(
                f"port {port} on {host} is in use: a LiteLLM proxy runs there", hint=f"end it, or {other}"
            )
        return None


def _headers(host: str, port: int, path: str) -> dict[str, str]:
    """The headers of a web server's answer; empty where none answers."""
    connection = http.client.HTTPConnection(reachable(host), port, timeout=ASK_S)
    try:
        connection.request("GET", path)
        return {name.lower(): value for name, value in connection.getresponse().getheaders()}
    except (OSError, ValueError, http.client.HTTPException):
        return {}
    finally:
        connection.close()
