"""What Redis says when it does not do what it is asked, in words that say what to do. No password in any."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from redis import exceptions
from redis.sentinel import MasterNotFoundError, SlaveNotFoundError

from modelctl.errors import StoreDown, StoreUnreachable
from modelctl.store.redis_address import RedisAddress

_AWAY = ("cannot be reached", "does not answer in time", "is still loading", "says that its cluster is down")
_ACL = "ACL SETUSER USER ~{modelctl:* &{modelctl:* +@all -@dangerous +info"
_STARTS = (
    ("NOAUTH", "wants a password", "redis://:PASSWORD@HOST, or ?password_file=FILE"),
    ("WRONGPASS", "refuses the password", "redis://:PASSWORD@HOST, or redis://USER:PASSWORD@HOST"),
    ("invalid username-password", "refuses the password", "redis://:PASSWORD@HOST, or redis://USER:PASSWORD@HOST"),
    ("Authentication", "wants a password", "redis://:PASSWORD@HOST, or ?password_file=FILE"),
    ("HELLO must be called", "wants a password", "redis://:PASSWORD@HOST, or ?password_file=FILE"),
    ("NOPERM", "does not let this user do what the store needs", _ACL),
    ("No permissions", "does not let this user do what the store needs", _ACL),
    ("READONLY", "is a read-only replica", "name the primary, or redis+sentinel:// which finds it"),
    ("You can't write against a read only", "is a read-only replica", "name the primary, or redis+sentinel://"),
    ("OOM", "is full (maxmemory)", "CONFIG SET maxmemory, or a server of its own"),
    ("MISCONF", "takes no writes, since it cannot save to its disk", "its own log says why"),
    ("NOREPLICAS", "takes no writes, since too few replicas are there", "its min-replicas-to-write says how many"),
    ("LOADING", "is still loading its data", None),
    ("CLUSTERDOWN", "says that its cluster is down", None),
)
_TEXTS = (
    ("CERTIFICATE_VERIFY_FAILED", "has a certificate that is not trusted", "?ssl_ca_certs=FILE names who signed it"),
    ("WRONG_VERSION_NUMBER", "does not speak TLS there", "redis:// in place of rediss://"),
    ("Protocol error", "does not speak Redis's protocol", "is another service on that port?"),
    ("Protocol Error", "does not speak Redis's protocol", "is another service on that port?"),
    ("Cluster mode is not enabled", "is no cluster", "redis:// in place of redis+cluster://"),
    ("cluster support disabled", "is no cluster", "redis:// in place of redis+cluster://"),
)


@contextmanager
def redis_as_store_down(address: RedisAddress) -> Iterator[None]:
    try:
        yield
    except (exceptions.RedisError, exceptions.RedisClusterException) as error:
        what, hint = _said(error, address)
        away = what.startswith(_AWAY) and hint is None  # a hint: the address is to be mended
        raise (StoreUnreachable if away else StoreDown)(f"the Redis at {address} {what}", hint=hint) from error
    except (OSError, ValueError) as error:  # a name that does not resolve; bytes that are no answer
        raise StoreUnreachable(f"the Redis at {address} cannot be reached: {error}") from error


def _said(error: Exception, address: RedisAddress) -> tuple[str, str | None]:
    text = str(error)
    for begin, what, hint in _STARTS:
        if text.startswith(begin):
            return what, hint
    for part, what, hint in _TEXTS:
        if part in text:
            return what, hint
    return _of_kind(error, " ".join(text.split())[:200], address.tls)


def _of_kind(error: Exception, text: str, tls: bool) -> tuple[str, str | None]:
    match error:
        case MasterNotFoundError() | SlaveNotFoundError():
            return "has no master of that name, or no Sentinel answers", "redis-cli -p 26379 SENTINEL MASTERS"
        case exceptions.MovedError() | exceptions.AskError():
            return "is part of a cluster", "redis+cluster:// in place of redis://"
        case exceptions.InvalidResponse():
            return "does not speak Redis's protocol", "is another service on that port?"
        case exceptions.TimeoutError():
            return "does not answer in time", "redis:// if it speaks no TLS" if tls else None
        case exceptions.ReadOnlyError():
            return "is a read-only replica", "name the primary, or redis+sentinel:// which finds it"
        case exceptions.OutOfMemoryError():
            return "is full (maxmemory)", "CONFIG SET maxmemory, or a server of its own"
        case exceptions.ConnectionError() | exceptions.RedisClusterException():
            closed = not tls and any(word in text.lower() for word in ("closed", "reset"))
            return f"cannot be reached: {text}", "rediss:// if it speaks TLS" if closed else None
    return f"answers: {text}", None
