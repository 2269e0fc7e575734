"""The store that this worker follows: a folder, a Redis, or a control plane that is asked over HTTP."""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from modelctl.errors import StoreDown
from modelctl.hook.log import log
from modelctl.hook.request_log import RequestSink
from modelctl.hook.usage_writer import UsageSink
from modelctl.state.desired import digest
from modelctl.store import Store, is_elsewhere, open_store, usage_elsewhere
from modelctl.store.control_client import ControlAddress, ControlClient
from modelctl.store.followed_store import FollowedStore
from modelctl.store.http_origin import HttpOrigin
from modelctl.store.http_requests import HttpRequests
from modelctl.store.http_usage import HttpUsage
from modelctl.store.mirror import Mirror
from modelctl.store.request_store import RequestStore
from modelctl.store.usage_outbox import OutboxedUsage, UsageOutbox
from modelctl.store.usage_store import UsageStore, usage_folder

_opening = threading.Lock()
_followed: dict[str, FollowedStore] = {}  # one for all that read and report in this process


def open_worker_store(url: str, patience: float = 5.0) -> Store:
    """Raises `StoreDown`. `patience`: seconds to wait for a lock, or for the first answer of another host."""
    if not (_is_http(url) or is_elsewhere(url)):
        return open_store(url, patience)
    with _opening:
        if url not in _followed:
            _followed[url] = _follow(url, patience)
        return _followed[url]


def open_usage(url: str, state: Path) -> UsageSink:
    """`state`: this host's folder. Raises `StoreDown`."""
    elsewhere = HttpUsage(ControlClient(ControlAddress.of(url, os.environ))) if _is_http(url) else usage_elsewhere(url)
    if elsewhere is None:
        return UsageStore(usage_folder(url, state))
    folder = _disk(f"usage-{digest(url)}")
    return OutboxedUsage(elsewhere, UsageOutbox(folder) if folder is not None else None)


def open_requests(url: str, state: Path, keep: int) -> RequestSink:
    """`state`: this host's folder, also of who follows a Redis; `keep`: how many requests of all workers."""
    if _is_http(url):
        return HttpRequests(ControlClient(ControlAddress.of(url, os.environ)))
    return RequestStore(usage_folder(url, state), keep)


def _is_http(url: str) -> bool:
    return url.startswith(("http://", "https://"))


def _follow(url: str, patience: float) -> FollowedStore:
    if _is_http(url):
        address = ControlAddress.of(url, os.environ)
        return FollowedStore(HttpOrigin(ControlClient(address)), _mirror(address.url), patience)
    from modelctl.store.redis_address import read_address  # takes time to load, and few need it
    from modelctl.store.redis_origin import RedisOrigin

    place = read_address(url)
    return FollowedStore(RedisOrigin(place), _mirror(f"{place}#{place.name}"), patience)


def _mirror(origin: str) -> Mirror | None:
    """In the first folder that can be written; below MODELCTL_STATE, which may be another store's own."""
    for folder in _folders(f"mirror-{digest(origin)}"):
        try:
            return Mirror(folder)
        except StoreDown as error:
            log.warning("no copy of the state can be kept in %s: %s", folder, error.message)
    return None


def _disk(name: str) -> Path | None:
    for folder in _folders(name):
        with suppress(OSError):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            return folder
    return None


def _folders(name: str) -> Iterator[Path]:
    if state := os.environ.get("MODELCTL_STATE"):
        yield Path(state) / name
    with suppress(RuntimeError):  # a user without a home
        yield Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "modelctl" / name
    with suppress(OSError):
        yield Path(tempfile.mkdtemp(prefix="modelctl-"))
