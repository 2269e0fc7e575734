"""Starts the hook once per worker, by whichever of its two entries LiteLLM calls first."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from modelctl.errors import ModelctlError, StoreDown, Unreachable, UsageError
from modelctl.hook import contract
from modelctl.hook.config_reads import answer_config_reads, hold_requests, refuse_config_writes
from modelctl.hook.context_guard import guard_contexts
from modelctl.hook.cost_map import price_map
from modelctl.hook.counting import Counting
from modelctl.hook.file_reader import FileReader
from modelctl.hook.follow import Follower, applied_by
from modelctl.hook.hook_state import Standing, State
from modelctl.hook.key_rotation import KeyFiles
from modelctl.hook.log import log
from modelctl.hook.log_reporter import FileReporter, LogReporter
from modelctl.hook.offered import OfferedNames
from modelctl.hook.provenance import ProvenanceOf
from modelctl.hook.reader import Reader
from modelctl.hook.reporter import StoreReporter
from modelctl.hook.request_log import RequestLog
from modelctl.hook.router import router_id
from modelctl.hook.router_settings import litellm_defaults
from modelctl.hook.router_watch import RouterWatch
from modelctl.hook.store_reader import StoreReader
from modelctl.hook.usage_tag import usage_tag
from modelctl.hook.usage_writer import UsageWriter
from modelctl.hook.variables import set_defaults
from modelctl.hook.worker_report import Reporter, WorkerReport
from modelctl.hook.worker_store import open_requests, open_usage, open_worker_store
from modelctl.litellm_spec.supported_lines import remark
from modelctl.state.router_config import RouterConfig
from modelctl.store import Store
from modelctl.store.request_store import requests_kept
from modelctl.store.usage_store import usage_keep
from modelctl.text.secret_shapes import redacted

PATIENCE = 0.02  # seconds that the worker's loop may wait for a locked store; it tries again soon
UNREGISTERED = "nothing is counted: `modelctl.hook.handler` is not among `litellm_settings.callbacks`"
_handler = Counting()  # what LiteLLM gets for `modelctl.hook.handler`
_met = False  # whether LiteLLM has asked for the handler
_settled = False  # the hook follows, or knows that it cannot


def before_config() -> None:
    """LiteLLM has not read its config yet: it will boot on the stored state."""
    _guarded(_boot_from_store)


def while_config_loads() -> Counting:
    """LiteLLM is in the middle of reading its config: catch up as soon as its Router exists."""
    global _met
    if not _met:
        _met = True
        if not _settled:
            _guarded(_catch_up_with_store if _store_url() else _follow_file)
    return _handler


def _guarded(start: Callable[[Any], None]) -> None:
    """Whatever goes wrong here, LiteLLM boots and serves as it would without us."""
    from litellm.proxy import proxy_server  # whoever imports this module need not have LiteLLM loaded

    guard_contexts()
    try:
        start(proxy_server)
    except ModelctlError as error:
        log.error("not following: %s", error.message)
    except Exception:
        log.exception("not following; LiteLLM runs on its own config file")


def _store_url() -> str | None:
    return os.environ.get("MODELCTL_STORE") or os.environ.get("MODELCTL_STATE")


def state_folder() -> Path:
    """On this host: the control plane's, where it runs here, else one of the user's own."""
    base = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(os.environ.get("MODELCTL_STATE") or Path(base) / "modelctl")


def _boot_from_store(proxy: Any) -> None:
    url = _store_url()
    if not url:
        raise Unreachable("neither MODELCTL_STORE nor MODELCTL_STATE is set")
    version = _version(url)
    reader = _store_reader(url)
    state = reader.boot()
    revision = state.pending or state.good
    if revision is None:
        log.info("%s holds no desired state yet; booting on the config file", redacted(url))
        return
    reporter = StoreReporter(lambda: open_worker_store(url), LogReporter("the desired state"))
    if _able(proxy, reporter, version):
        log.info("following the store in %s", redacted(url))
        booted = revision.config(state.head.selections, reader.now())
        set_defaults(booted.env_defaults)
        keys = _keys(proxy, booted)
        set_defaults(booted.env_defaults)  # keys from files too: LiteLLM has not resolved any reference yet
        follower = _start(proxy, reader, reporter, state, booted=booted, where="the catalog", keys=keys)
        _count(follower, reporter, url)


def _catch_up_with_store(proxy: Any) -> None:
    """The worker has begun to boot on its config file: the store's state comes right after."""
    url = _store_url() or ""
    try:
        version = _version(url)
    except StoreDown as error:
        log.warning("cannot read the store, on the config file until it is there: %s", error.message)
        version = 0
    reporter = StoreReporter(lambda: open_worker_store(url), LogReporter("the desired state"))
    if _able(proxy, reporter, version):
        log.info("following the store in %s", redacted(url))
        _, booted = FileReader(proxy.user_config_file_path, proxy).boot()
        # A rendered file carries our own ids, so equal ids are equal deployments.
        ours = {
            id_: replace(deployment, id=id_)
            for deployment in booted.deployments.values()
            if (id_ := router_id(deployment))
        }
        booted = replace(booted, deployments=ours)
        _count(_start(proxy, _store_reader(url), reporter, State(), booted=booted, where="the catalog"), reporter, url)


def _version(url: str) -> int:
    """The version of the head; waits for a store that is locked for a moment. Raises `StoreDown`."""
    store = open_worker_store(url)
    try:
        return store.head().version
    finally:
        store.close()


def _store_reader(url: str) -> StoreReader:
    def open_soon() -> Store:
        return open_worker_store(url, patience=PATIENCE)

    return StoreReader(open_soon)


def _follow_file(proxy: Any) -> None:
    path = proxy.user_config_file_path
    if not path or os.environ.get("LITELLM_CONFIG_BUCKET_NAME"):
        raise Unreachable("LiteLLM was not started with a config file on disk")
    reader = FileReader(path, proxy)
    reporter = FileReporter(str(reader.path), lambda: reader.note)
    if _able(proxy, reporter, 0):
        state, booted = reader.boot()
        _start(proxy, reader, reporter, state, booted=booted, where=str(reader.path))


def _able(proxy: Any, reporter: Reporter, version: int) -> bool:
    """Whether this LiteLLM has everything that the hook needs; reports a nack that names what is missing."""
    global _settled
    lacks = contract.missing(proxy)
    if lacks:
        _settled = True
        reporter.say(WorkerReport(version, None, contract.lacks_text(lacks), {}, (), (), state=Standing.UNSUPPORTED))
    elif text := remark(contract.litellm_version()):
        log.warning("%s: all that modelctl needs is there", text)
    return not lacks


def _start(
    proxy: Any,
    reader: Reader,
    reporter: Reporter,
    state: State,
    *,
    booted: RouterConfig,
    where: str,
    keys: KeyFiles | None = None,
) -> Follower:
    global _settled
    _settled = True
    keys = keys or _keys(proxy, booted)
    follower = Follower(proxy, reader, reporter, state, booted=booted, defaults=litellm_defaults(booted.settings))
    follower.keys = keys
    keys.running = lambda: follower.applier.live if follower.applier else follower.booted
    answer_config_reads(proxy, applied_by(follower))
    refuse_config_writes(proxy, where)
    hold_requests(proxy, follower.caught_up)
    follower.start()
    return follower


def _keys(proxy: Any, booted: RouterConfig) -> KeyFiles:
    """Keys from files, which LiteLLM knows nothing of: they go live with the next `set_defaults`."""
    keys = KeyFiles(proxy.proxy_config._check_for_os_environ_vars)
    keys.meet(booted)
    return keys


def _count(follower: Follower, reporter: StoreReporter, url: str) -> None:
    """Counting and health need a store: a worker that follows a file has nowhere to write them."""
    kept = open_usage(url, state_folder())
    writer, tally = UsageWriter(kept, reporter.id, usage_keep(os.environ), price_map()), _handler.tally
    try:
        tally.tag = tag.value if (tag := usage_tag(os.environ)) else None
    except UsageError as error:
        log.error("%s (%s)", error.message, error.hint)
    writer.ahead = lambda: follower.now() - time.time()
    names = OfferedNames(follower)
    if follower.keys is not None:
        reporter.keys = follower.keys.sources
    _handler.names = tally.names = names
    tally.sink = writer
    writer.also.append(tally.note_overdue)
    provenance = _handler.provenance = ProvenanceOf(follower, reporter.id, names)
    if most := requests_kept(os.environ):
        tally.requests = RequestLog(open_requests(url, state_folder(), most), lambda name: provenance(name).origin)
        writer.also.append(tally.requests.write)
    reporter.usage = lambda: writer.remark() if _registered() else UNREGISTERED
    watch = RouterWatch(follower)
    tally.note, reporter.watch = watch.note, watch


def _registered() -> bool:
    """LiteLLM calls only what its config names, whichever way the hook was started."""
    import litellm  # as above

    return _handler in litellm.callbacks
