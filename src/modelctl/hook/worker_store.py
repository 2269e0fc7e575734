"""The store that this worker follows: a folder, or a control plane that is asked over HTTP."""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from modelctl.errors import StoreDown
from modelctl.hook.log import log
from modelctl.state.desired import digest
from modelctl.store import Store, open_store
from modelctl.store.control_client import ControlAddress, ControlClient
from modelctl.store.http_store import HttpStore
from modelctl.store.http_usage import HttpUsage
from modelctl.store.mirror import Mirror
from modelctl.store.usage_store import UsageStore, usage_folder

_opening = threading.Lock()
_followed: dict[str, tuple[ControlClient, HttpStore]] = {}  # one for all that read and report in this process


def is_http(url: str) -> bool:
    return url.startswith(("http://", "https://"))


def open_worker_store(url: str, patience: float = 5.0) -> Store:
    """Raises `StoreDown`. `patience`: seconds to wait for a lock, or for a control plane's first answer."""
    return _follow(url, patience)[1] if is_http(url) else open_store(url, patience)


def open_usage(url: str, state: Path) -> UsageStore | HttpUsage:
    """`state`: this host's folder. Raises `StoreDown`."""
    return HttpUsage(_follow(url, 0.0)[0]) if is_http(url) else UsageStore(usage_folder(url, state))


def _follow(url: str, patience: float) -> tuple[ControlClient, HttpStore]:
    with _opening:
        if url not in _followed:
            address = ControlAddress.of(url, os.environ)
            client = ControlClient(address)
            _followed[url] = client, HttpStore(client, _mirror(address), patience)
        return _followed[url]


def _mirror(address: ControlAddress) -> Mirror | None:
    """In the first folder that can be written; below MODELCTL_STATE, which may be another store's own."""
    for folder in _folders(f"mirror-{digest(address.url)}"):
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            return Mirror(folder)
        except (OSError, StoreDown) as error:
            log.warning("no copy of the state can be kept in %s: %s", folder, error)
    return None


def _folders(name: str) -> Iterator[Path]:
    if state := os.environ.get("MODELCTL_STATE"):
        yield Path(state) / name
    with suppress(RuntimeError):  # a user without a home
        yield Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "modelctl" / name
    with suppress(OSError):
        yield Path(tempfile.mkdtemp(prefix="modelctl-"))
