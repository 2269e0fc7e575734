"""Starting the hook, once per worker, in whichever of its two ways LiteLLM meets it first."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from litellm.integrations.custom_logger import CustomLogger

from modelctl.desired import LiveConfig
from modelctl.errors import ModelctlError, StoreDown, Unreachable
from modelctl.hook import contract
from modelctl.hook.boot import answer_config_reads, hold_requests, refuse_config_writes
from modelctl.hook.environment import set_defaults
from modelctl.hook.file_reader import FileReader
from modelctl.hook.follow import Follower, Reader, applied_by
from modelctl.hook.log import log
from modelctl.hook.report import FileReporter, LogReporter, Report, Reporter, StoreReporter
from modelctl.hook.router import router_id
from modelctl.hook.settings import litellm_defaults
from modelctl.hook.state import Standing, State
from modelctl.hook.store_reader import StoreReader
from modelctl.litellm_lines import remark
from modelctl.store import Store, open_store


class Handler(CustomLogger):  # type: ignore[misc]
    """What LiteLLM gets for `modelctl.hook.handler`: a callback that wants no events."""


PATIENCE = 0.02  # seconds that the worker's loop may wait for a locked store; it tries again soon

_handler: Handler | None = None
_settled = False  # following, or known to be unable to


def before_config() -> None:
    """LiteLLM has not read its config yet: it will boot on the stored state."""
    _guarded(_boot_from_store)


def while_config_loads() -> Handler:
    """LiteLLM is in the middle of reading its config: catch up as soon as its Router exists."""
    global _handler
    if _handler is None:
        _handler = Handler()
        if not _settled:
            _guarded(_catch_up_with_store if _store_url() else _follow_file)
    return _handler


def _guarded(start: Callable[[Any], None]) -> None:
    """Whatever goes wrong here, LiteLLM boots and serves as it would without us."""
    from litellm.proxy import proxy_server

    try:
        start(proxy_server)
    except ModelctlError as error:
        log.error("not following: %s", error.message)
    except Exception:
        log.exception("not following; LiteLLM runs on its own config file")


def _store_url() -> str | None:
    return os.environ.get("MODELCTL_STORE") or os.environ.get("MODELCTL_STATE")


def _boot_from_store(proxy: Any) -> None:
    url = _store_url()
    if not url:
        raise Unreachable("neither MODELCTL_STORE nor MODELCTL_STATE is set")
    version = _version(url)
    reader = _store_reader(url)
    state = reader.boot()
    revision = state.pending or state.good
    if revision is None:
        log.info("%s holds no desired state yet; booting on the config file", url)
        return
    reporter = StoreReporter(lambda: open_store(url), LogReporter("the desired state"))
    if _able(proxy, reporter, version):
        log.info("following the store in %s", url)
        booted = revision.config(state.head.selections, time.time())
        set_defaults(booted.env_defaults)
        _start(proxy, reader, reporter, state, booted, "the catalog")


def _catch_up_with_store(proxy: Any) -> None:
    """The worker has begun to boot on its config file: the store's state comes right after."""
    url = _store_url() or ""
    try:
        version = _version(url)
    except StoreDown as error:
        log.warning("cannot read the store, on the config file until it is there: %s", error.message)
        version = 0
    reporter = StoreReporter(lambda: open_store(url), LogReporter("the desired state"))
    if _able(proxy, reporter, version):
        log.info("following the store in %s", url)
        _, booted = FileReader(proxy.user_config_file_path, proxy).boot()
        # A rendered file carries our own ids, so equal ids are equal deployments.
        ours = {id_: replace(each, id=id_) for each in booted.deployments.values() if (id_ := router_id(each))}
        _start(proxy, _store_reader(url), reporter, State(), replace(booted, deployments=ours), "the catalog")


def _version(url: str) -> int:
    """The head's, waiting for a store that is locked for a moment. Raises `StoreDown`."""
    store = open_store(url)
    try:
        return store.head().version
    finally:
        store.close()


def _store_reader(url: str) -> StoreReader:
    def open_soon() -> Store:
        return open_store(url, patience=PATIENCE)

    return StoreReader(open_soon)


def _follow_file(proxy: Any) -> None:
    path = proxy.user_config_file_path
    if not path or os.environ.get("LITELLM_CONFIG_BUCKET_NAME"):
        raise Unreachable("LiteLLM was not started with a config file on disk")
    reader = FileReader(path, proxy)
    reporter = FileReporter(str(reader.path), lambda: reader.note)
    if _able(proxy, reporter, 0):
        state, booted = reader.boot()
        _start(proxy, reader, reporter, state, booted, str(reader.path))


def _able(proxy: Any, reporter: Reporter, version: int) -> bool:
    """Whether this LiteLLM has all that the hook needs; a nack that names what is missing otherwise."""
    global _settled
    lacks = contract.missing(proxy)
    if lacks:
        _settled = True
        reporter.say(Report(version, None, contract.lacks_text(lacks), {}, (), (), state=Standing.UNSUPPORTED))
    elif text := remark(contract.litellm_version()):
        log.warning("%s: all that modelctl needs is there", text)
    return not lacks


def _start(proxy: Any, reader: Reader, reporter: Reporter, state: State, booted: LiveConfig, where: str) -> None:
    global _settled
    _settled = True
    follower = Follower(proxy, reader, reporter, state, booted, litellm_defaults(booted.settings))
    answer_config_reads(proxy, applied_by(follower))
    refuse_config_writes(proxy, where)
    hold_requests(proxy, follower.caught_up)
    follower.start()
