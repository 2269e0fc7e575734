"""Starting the hook, once per worker, in whichever of its two ways LiteLLM meets it first."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from litellm.integrations.custom_logger import CustomLogger

from modelctl.desired import LiveConfig
from modelctl.errors import ModelctlError, Unreachable
from modelctl.hook import contract
from modelctl.hook.boot import answer_config_reads, hold_requests, refuse_config_writes
from modelctl.hook.follow import Follower, Source, reader
from modelctl.hook.from_file import FileSource
from modelctl.hook.from_store import StoreSource
from modelctl.hook.log import log
from modelctl.hook.report import LogReporter, Report, Reporter, StoreReporter
from modelctl.hook.router import router_id
from modelctl.hook.settings import litellm_defaults
from modelctl.store import open_store


class Handler(CustomLogger):  # type: ignore[misc]
    """What LiteLLM gets for `modelctl.hook.handler`: a callback that wants no events."""


_handler: Handler | None = None
_following = False


def before_config() -> None:
    """LiteLLM has not read its config yet: it will boot on the stored state."""
    _guarded(_boot_from_store)


def while_config_loads() -> Handler:
    """LiteLLM is in the middle of reading its config: catch up as soon as its Router exists."""
    global _handler
    if _handler is None:
        _handler = Handler()
        if not _following:
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
    store = open_store(url)
    reporter = StoreReporter(lambda: open_store(url), LogReporter("the desired state"))
    if _able(proxy, reporter, store.head().version):
        source = StoreSource(store)
        booted = source.boot()
        if booted is None:
            log.info("%s holds no desired state yet; booting on the config file", url)
        else:
            log.info("following the store in %s", url)
            _start(proxy, source, reporter, booted, "the catalog")


def _catch_up_with_store(proxy: Any) -> None:
    """The worker has begun to boot on its config file: the store's state comes right after."""
    url = _store_url() or ""
    store = open_store(url)
    reporter = StoreReporter(lambda: open_store(url), LogReporter("the desired state"))
    if _able(proxy, reporter, store.head().version):
        log.info("following the store in %s", url)
        booted = FileSource(proxy.user_config_file_path, proxy).boot()
        # A rendered file carries our own ids, so equal ids are equal deployments.
        ours = {id_: replace(each, id=id_) for each in booted.deployments.values() if (id_ := router_id(each))}
        _start(proxy, StoreSource(store), reporter, replace(booted, deployments=ours), "the catalog")


def _follow_file(proxy: Any) -> None:
    path = proxy.user_config_file_path
    if not path or os.environ.get("LITELLM_CONFIG_BUCKET_NAME"):
        raise Unreachable("LiteLLM was not started with a config file on disk")
    reporter = LogReporter(path)
    if _able(proxy, reporter, 0):
        source = FileSource(path, proxy)
        log.info("following %s: edits go live without a restart", path)
        _start(proxy, source, reporter, source.boot(), path)


def _able(proxy: Any, reporter: Reporter, version: int) -> bool:
    """Whether this LiteLLM has all that the hook needs; a nack that names what is missing otherwise."""
    lacks = contract.missing(proxy)
    if lacks:
        text = f"LiteLLM {contract.litellm_version()} lacks {', '.join(lacks)}: traffic is left as it is"
        reporter.say(Report(version, None, text, {}, (), ()))
    return not lacks


def _start(proxy: Any, source: Source, reporter: Reporter, booted: LiveConfig, where: str) -> None:
    global _following
    _following = True
    follower = Follower(proxy, source, reporter, booted, litellm_defaults())
    answer_config_reads(proxy, reader(follower))
    refuse_config_writes(proxy, where)
    hold_requests(proxy, follower.caught_up)
    follower.start()
