"""Where a Redis or Valkey store is, read from its URL; and a client for it.

    redis://[user:password@]host[:6379][/db][?name=NAME]
    redis+sentinel://[user:password@]host[:26379],host.../MASTER[/db]
    redis+cluster://[user:password@]host[:6379],host...

rediss:// is TLS; valkey:// and valkeys:// mean the same. `name` tells stores on one server apart. `password_file` is
read in place of a password in the URL.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qsl, unquote, urlsplit

from redis import Redis
from redis.backoff import ExponentialWithJitterBackoff
from redis.cluster import ClusterNode, RedisCluster
from redis.retry import Retry
from redis.sentinel import Sentinel

from modelctl.errors import StoreDown, UsageError

Kind = Literal["single", "sentinel", "cluster"]
FORMS = "redis://HOST:6379/0, redis+sentinel://HOST:26379,HOST/MASTER or redis+cluster://HOST,HOST; rediss:// for TLS"
CONNECT_S = 2.0
TRIES = 1  # again, on another connection: one that stood idle may have been closed at the other end
_PORTS: dict[Kind, int] = {"single": 6379, "sentinel": 26379, "cluster": 6379}
_SCHEME = re.compile(r"(?:redis|valkey)(?P<tls>s?)(?:\+(?P<kind>sentinel|cluster))?")
_NAME = re.compile(r"[\w.-]{1,64}")
_TLS = ("ssl_ca_certs", "ssl_certfile", "ssl_keyfile")
_OPTIONS = ("name", "password_file", "sentinel_username", "sentinel_password", *_TLS)


@dataclass(frozen=True, slots=True)
class RedisAddress:
    """`master` is Sentinel's name for the servers; `options` are those of the URL's query."""

    kind: Kind
    tls: bool
    hosts: tuple[tuple[str, int], ...]
    db: int
    name: str
    master: str = ""
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    options: dict[str, str] = field(default_factory=dict, repr=False)

    def __str__(self) -> str:
        """As messages show it: without any secret."""
        hosts = ",".join(f"{host}:{port}" for host, port in self.hosts)
        kind = "" if self.kind == "single" else f"+{self.kind}"
        rest = f"/{self.master}" if self.master else ""
        return f"redis{'s' if self.tls else ''}{kind}://{hosts}{rest}{f'/{self.db}' if self.db else ''}"

    @property
    def tag(self) -> str:
        """What all keys begin with; in braces, so that a cluster keeps them on one node."""
        return f"{{modelctl:{self.name}}}"


def read_address(url: str) -> RedisAddress:
    """Raises UsageError for what is no such URL. The message never holds the password."""
    parts = urlsplit(url)
    scheme = _SCHEME.fullmatch(parts.scheme)
    if scheme is None:
        raise UsageError(f"`{parts.scheme}://` names no Redis store", hint=FORMS)
    kind: Kind = scheme["kind"] or "single"  # type: ignore[assignment]
    credentials, _, places = parts.netloc.rpartition("@")
    username, _, password = credentials.partition(":")
    options = _options(parts.query)
    path = [unquote(each) for each in parts.path.split("/") if each]
    master = path.pop(0) if kind == "sentinel" and path else ""
    if kind == "sentinel" and not master:
        raise UsageError("a Sentinel URL ends with the name of the master", hint="redis+sentinel://HOST:26379/MASTER")
    return RedisAddress(
        kind, bool(scheme["tls"]), tuple(_host(each, _PORTS[kind]) for each in places.split(",")), _db(path, kind),
        options.pop("name", "default"), master, unquote(username) or None,
        _password(options, unquote(password) or None), options,
    )  # fmt: skip


def _options(query: str) -> dict[str, str]:
    options = dict(parse_qsl(query, keep_blank_values=True))
    for name in options:
        if name not in _OPTIONS:
            raise UsageError(f"the store's URL has an unknown `{name}`", hint=f"known: {', '.join(_OPTIONS)}")
    if not _NAME.fullmatch(options.get("name", "default")):
        raise UsageError("a store's `name` is made of letters, digits, `.`, `_` and `-`")
    return options


def _host(text: str, port: int) -> tuple[str, int]:
    try:
        parts = urlsplit(f"//{text}")
        host, found = parts.hostname, parts.port
    except ValueError:
        host, found = None, None
    if not host:
        raise UsageError("the store's URL names no host, or no valid port", hint=FORMS)
    return host, found or port


def _db(path: list[str], kind: Kind) -> int:
    text = "/".join(path)
    if text and kind == "cluster":
        raise UsageError("a cluster has no numbered databases", hint="`?name=NAME` tells stores apart")
    if text and not text.isdecimal():
        raise UsageError(f"`/{text}` is no number of a database", hint=FORMS)
    return int(text or 0)


def _password(options: dict[str, str], given: str | None) -> str | None:
    path = options.pop("password_file", None)
    if path is None:
        return given
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise StoreDown(f"the file of the store's password cannot be read: {error}") from None


def connect_redis(address: RedisAddress, patience: float) -> Any:
    """A client with a pool of connections, safe to share between threads. Nothing is asked of the server yet."""
    common: dict[str, Any] = {
        "username": address.username, "password": address.password, "decode_responses": True,
        "socket_timeout": patience, "socket_connect_timeout": min(patience, CONNECT_S), "client_name": "modelctl",
        **({"ssl": True, **{name: address.options[name] for name in _TLS if name in address.options}}
           if address.tls else {}),
    }  # fmt: skip
    again = Retry(ExponentialWithJitterBackoff(base=0.02, cap=0.2), TRIES)
    if address.kind == "cluster":
        nodes = [ClusterNode(host, port) for host, port in address.hosts]  # type: ignore[no-untyped-call]
        return RedisCluster(startup_nodes=nodes, **common)
    common |= {"retry": again, "db": address.db}
    if address.kind == "sentinel":
        own = {"username": "sentinel_username", "password": "sentinel_password"}
        theirs = {name: address.options.get(option) for name, option in own.items()}
        watchers: Any = Sentinel(  # type: ignore[no-untyped-call]
            address.hosts, sentinel_kwargs={**common, "db": 0, **theirs}, **common
        )
        return watchers.master_for(address.master)
    host, port = address.hosts[0]
    return Redis(host=host, port=port, **common)
