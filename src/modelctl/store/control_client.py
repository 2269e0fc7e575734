"""Asks a control plane over HTTP, and says in one line why it cannot."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import httpx

from modelctl.errors import StoreDown
from modelctl.store.http_wire import LONGEST_WAIT_S, TIME
from modelctl.store.store_clock import StoreClock

SOON_S = 5.0  # that an answer may take which waits for nothing
_TOKEN = "MODELCTL_TOKEN here has to be one of the control plane's tokens"


@dataclass(frozen=True)
class ControlAddress:
    """Where a control plane is, and what is shown to it. `ca`: a file of certificates beside those of the system."""

    url: str
    token: str | None = field(default=None, repr=False)
    ca: str | None = None

    @classmethod
    def of(cls, url: str, environ: Mapping[str, str]) -> ControlAddress:
        """Raises StoreDown for what is no address of a control plane."""
        try:
            parsed = httpx.URL(url)
        except httpx.InvalidURL as error:
            raise StoreDown(f"MODELCTL_STORE is no URL: {error}") from None
        if parsed.userinfo:
            text = "MODELCTL_STORE holds a user or password, which a control plane does not take"
            raise StoreDown(text, hint="https://HOST:7777, and the token in MODELCTL_TOKEN")
        if not parsed.host or parsed.query or parsed.fragment:
            raise StoreDown("MODELCTL_STORE is no address of a control plane", hint="https://HOST:7777")
        given = (environ.get("MODELCTL_TOKEN") or "").strip()
        first = given.split(",")[0] if ":" in given else given  # a secret without a name may hold commas
        ca = environ.get("MODELCTL_STORE_CA") or environ.get("MODELCTL_CA") or None
        return cls(str(parsed).rstrip("/"), first.strip().rpartition(":")[2] or None, ca)

    @property
    def is_local(self) -> bool:
        return httpx.URL(self.url).host in ("localhost", "127.0.0.1", "::1")


class ControlClient:
    """Safe to share between threads. Every method raises `StoreDown`, in words for the worker's log."""

    def __init__(self, address: ControlAddress) -> None:
        self._url = address.url
        self.clock = StoreClock()  # of the control plane
        headers = {"authorization": f"Bearer {address.token}"} if address.token else {}
        self._has_token = address.token is not None
        self._http = httpx.Client(
            base_url=address.url, headers=headers, timeout=SOON_S, follow_redirects=False,
            trust_env=not address.is_local, verify=_trusted(address),
        )  # fmt: skip

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        tag: str | None = None,
        wait: float = 0.0,
    ) -> dict[str, Any] | None:
        """The answer's JSON; None where the head is still the one of `tag` after `wait` seconds."""
        headers = {"if-none-match": tag} if tag else {}
        params = {"wait": min(wait, LONGEST_WAIT_S)} if wait else None
        made = self._http.build_request(
            method, path, json=body, headers=headers, params=params, timeout=httpx.Timeout(SOON_S, read=SOON_S + wait)
        )
        try:
            answer = self._sent(made)
        except (httpx.HTTPError, OSError) as error:
            raise StoreDown(self._unreached(error)) from None
        with suppress(KeyError, ValueError):  # an older control plane does not say
            self.clock.note(float(answer.headers[TIME]))
        return None if answer.status_code == 304 else self._read(answer)

    def _sent(self, made: httpx.Request) -> httpx.Response:
        """A connection that somebody closed while it was idle says nothing of the control plane: asked once more."""
        try:
            return self._http.send(made)
        except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
            return self._http.send(made)

    def close(self) -> None:
        self._http.close()

    # -- what went wrong ------------------------------------------------------------------------

    def _read(self, answer: httpx.Response) -> dict[str, Any]:
        try:
            body = answer.json()
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise StoreDown(f"what answers at {self._url} is no control plane (HTTP {answer.status_code}, no JSON)")
        if answer.is_success:
            return body
        raise StoreDown(self._refused(answer.status_code, body))

    def _refused(self, status: int, body: Mapping[str, Any]) -> str:
        error = body.get("error") if body.get("src") == "modelctl" else None
        if not isinstance(error, dict):
            return f"what answers at {self._url} is no control plane (HTTP {status})"
        if status == 401:
            what = "refuses the token" if self._has_token else "asks for a token"
            return f"the control plane at {self._url} {what}: {_TOKEN}"
        if status in (404, 405) and str(error.get("message", "")).startswith(("there is no /store", "/store")):
            return f"the control plane at {self._url} is older than this worker's modelctl and cannot be followed"
        return f"the control plane at {self._url} answers {status}: {str(error.get('message'))[:300]}"

    def _unreached(self, error: Exception) -> str:
        causes = [error, *_causes(error)]
        for each in causes:
            if isinstance(each, ssl.SSLCertVerificationError):
                trust = "MODELCTL_STORE_CA or SSL_CERT_FILE names a file of certificates to trust"
                return f"the certificate of {self._url} is not trusted ({each.verify_message}): {trust}"
        if any(isinstance(each, ssl.SSLError) for each in causes):
            return f"no TLS connection to {self._url}: {_short(causes[-1])}; a control plane without TLS is http://"
        if isinstance(error, httpx.TimeoutException):
            return f"the control plane at {self._url} does not answer in time"
        return f"the control plane at {self._url} cannot be reached: {_short(error)}"


def _trusted(address: ControlAddress) -> ssl.SSLContext | bool:
    """Raises StoreDown for a file that holds no certificates."""
    if not address.url.startswith("https:"):
        return True
    context = httpx.create_ssl_context(trust_env=True)
    if address.ca:
        try:
            context.load_verify_locations(cafile=address.ca)
        except (OSError, ssl.SSLError) as error:
            raise StoreDown(f"MODELCTL_STORE_CA names no file of certificates: {address.ca}: {error}") from None
    return context


def _causes(error: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    cause = error.__cause__ or error.__context__
    while cause is not None and cause not in found:
        found.append(cause)
        cause = cause.__cause__ or cause.__context__
    return found


def _short(error: BaseException) -> str:
    return (str(error) or type(error).__name__)[:200]
