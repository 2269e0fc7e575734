"""How a worker begins and ends: on the stored state before its first answer, and not without its supervisor."""

from __future__ import annotations

import shutil
import signal
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from modelctl.state.desired import Deployment, DesiredState, Route, deployment
from modelctl.state.router_config import resolve_routes
from modelctl.state.selection import Selection
from modelctl.store import open_store
from support.aimock import Aimock
from support.in_worker import inside
from support.lines import modules, python
from support.litellm_stack import Stack
from support.models import base_world, key_of, upstream_model, variables
from support.processes import Process, listen
from support.proxy import BOOT, MASTER_KEY, PlainProxy, Worker, environment
from support.proxy_client import Answer, Client
from support.upstream import Upstream
from support.waiting import wait_until
from support.without_internals import NAMES

pytestmark = pytest.mark.boots
BAD = deployment("zeta", {"model": "nonesuch/model", "api_key": "os.environ/KEY_ALPHA"}, {})


def words(model: str, key: str | None = None) -> str:
    return f"model={model} key={key or key_of(model)};"


def spare(name: str) -> Deployment:
    return upstream_model(name, "KEY_SPARE")


@pytest.fixture(scope="module")
def module_lone(
    tmp_path_factory: pytest.TempPathFactory, session_upstream: Upstream, aimock: Aimock
) -> Iterator[Stack]:
    lone = Stack(tmp_path_factory.mktemp("lone"), session_upstream, aimock, workers=1)
    yield lone
    lone.proxy.stop()
    lone.store.close()


@pytest.fixture
def lone(module_lone: Stack) -> Stack:
    """One worker of our own that may be killed, running or not yet started, on a store that may be broken."""
    module_lone.upstream.reset()
    return module_lone


def worker_of(lone: Stack) -> Worker:
    return lone.proxy.workers[0]


def stopped(lone: Stack) -> Worker:
    """The worker, ended if it runs: no process of before answers on its socket."""
    worker = worker_of(lone)
    if worker.boots:
        worker.process.kill()
    return worker


def running(lone: Stack) -> Worker:
    """The worker, started if it is not, on the base state."""
    worker = worker_of(lone)
    if not worker.boots or not worker.process.alive:
        lone.publish(lone.base, selections={}, wait=False)
        worker.start()
        lone.settled(lone.store.head().version)
    lone.reset()
    return worker


def logged(worker: Worker, text: str) -> None:
    worker.process.wait_for(lambda: text in worker.process.output(), f"`{text}` in its log", BOOT)


@contextmanager
def waiting_request(worker: Worker, model: str = "active") -> Iterator[list[Answer]]:
    """A request that is sent before the worker listens to anybody; its answer is there after the block."""
    answers: list[Answer] = []
    client = Client(worker.url, MASTER_KEY, timeout=BOOT)
    thread = threading.Thread(target=lambda: answers.append(client.chat(model)))
    thread.start()
    try:
        yield answers
    finally:
        thread.join(BOOT)
        client.close()


def empty_store(lone: Stack) -> None:
    """As if the state folder had been deleted and made anew."""
    lone.store.close()
    shutil.rmtree(lone.state, ignore_errors=True)
    lone.store = open_store(str(lone.state))


# -- before the first answer -------------------------------------------------------------------------


def test_the_very_first_publish_in_the_middle_of_a_boot(lone: Stack) -> None:
    """The worker has begun to boot on its config file, since the store was empty."""
    worker = stopped(lone)
    empty_store(lone)
    worker.launch()
    with waiting_request(worker) as answers:
        logged(worker, "booting on the config file")
        lone.publish(
            replace(
                lone.base, deployments={spare("delta").id: spare("delta")}, routes={"active": Route("active", "delta")}
            ),
            wait=False,
        )
        worker.ready()
    assert [each.text for each in answers] == [words("delta", key_of("spare"))]
    lone.settled(lone.store.head().version)
    assert set(worker.client.models()) == {"delta", "active"}
    assert [row.restart_needed for row in lone.rows()] == [()]


def test_killed_and_started_again_in_the_middle_of_changes(lone: Stack) -> None:
    worker = running(lone)
    lone.point("beta")
    worker.process.kill()
    worker.launch()
    with waiting_request(worker) as answers:
        logged(worker, "following the store")
        lone.add(spare("delta"), wait=False)
        lone.point("delta", wait=False)
        worker.ready()
    assert [each.text for each in answers] == [words("delta", key_of("spare"))]


def test_a_stored_selection_and_a_refused_head_survive_a_restart(lone: Stack) -> None:
    """The worker boots on the revision that it took last: nothing of the refused one, which also lacks a model,
    reaches traffic, and what is refused is named."""
    worker = running(lone)
    lone.point("beta")
    kept = {id_: each for id_, each in lone.base.deployments.items() if each.group != "gamma"}
    lone.publish(replace(lone.base, deployments={BAD.id: BAD, **kept}), wait=False)
    wait_until(lambda: [row for row in lone.rows() if "`zeta`" in str(row.error)], "a nack that names the entry")
    worker.process.send(signal.SIGTERM)
    worker.process.wait(20)
    assert worker.process.returncode == 0
    assert lone.rows() == []  # it said goodbye
    worker.launch()
    with waiting_request(worker) as answers:
        worker.ready()
    assert [each.text for each in answers] == [words("beta")]
    (row,) = wait_until(lambda: [row for row in lone.rows() if row.error], "a word of the worker")
    assert "`zeta`" in str(row.error)
    assert row.revision == lone.base.revision
    assert set(worker.client.models()) == {"alpha", "beta", "gamma", "embed", "active"}
    lone.point("gamma", wait=False)
    wait_until(lambda: worker.client.chat("active").text == words("gamma"), "the selection is live")
    assert "`zeta`" in str(lone.rows()[0].error)
    lone.publish(lone.base)
    assert [(row.error, row.revision) for row in lone.rows()] == [(None, lone.base.revision)]
    assert worker.client.chat("active").text == words("gamma")


# -- a store that goes away ---------------------------------------------------------------------------


def overwrite(lone: Stack) -> None:
    for name in ("modelctl.db", "modelctl.db-wal"):
        path = lone.state / name
        path.write_bytes(b"\xff" * max(8192, path.stat().st_size))


def delete(lone: Stack) -> None:
    def gone() -> bool:
        shutil.rmtree(lone.state, ignore_errors=True)  # the worker may be writing a file of its own at this moment
        return not (lone.state / "modelctl.db").exists()

    wait_until(gone, "the store's file is gone")


@pytest.mark.parametrize("harm", [overwrite, delete])
def test_a_store_that_breaks_harms_nobody_and_its_successor_is_followed(lone: Stack, harm: Any) -> None:
    worker = running(lone)
    undisturbed = timed(worker)
    lone.point("beta", until=time.time() + 1.5)
    lone.store.close()
    harm(lone)
    assert worker.client.chat("active").text == words("beta")
    wait_until(lambda: worker.client.chat("active").text == words("alpha"), "the time limit ends all the same")
    assert timed(worker) < 4 * undisturbed  # looking for the store must not hold up requests
    shutil.rmtree(lone.state, ignore_errors=True)
    lone.store = open_store(str(lone.state))
    lone.publish(replace(lone.base, routes={"active": Route("active", "gamma")}))
    assert worker.client.chat("active").text == words("gamma")
    assert [row.error for row in lone.rows()] == [None]


def test_a_locked_store_harms_nobody(lone: Stack) -> None:
    worker = running(lone)
    undisturbed = timed(worker)
    lone.point("beta", until=time.time() + 1.0)
    other = sqlite3.connect(lone.state / "modelctl.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    wait_until(lambda: worker.client.chat("active").text == words("alpha"), "the time limit ends all the same")
    assert timed(worker) < 4 * undisturbed
    other.execute("ROLLBACK")
    other.close()
    lone.point("gamma")
    assert worker.client.chat("active").text == words("gamma")


def timed(worker: Worker) -> float:
    """Seconds that 40 requests take, one after the other."""
    assert worker.client.chat("alpha").ok  # the first one alone loads what it needs
    began = time.monotonic()
    assert all(worker.client.chat("alpha").ok for _ in range(40))
    return time.monotonic() - began


def test_a_store_that_is_broken_at_boot_is_followed_once_it_is_mended(lone: Stack) -> None:
    worker = stopped(lone)
    lone.store.close()
    lone.state.mkdir(exist_ok=True)
    overwritten = [lone.state / "modelctl.db"]
    for path in overwritten:
        path.write_bytes(b"\xff" * 8192)
    worker.start()
    assert worker.client.chat("active").text == words("alpha")  # on its config file
    assert "cannot open the store" in worker.process.output()
    assert "Traceback" not in worker.process.output()
    empty_store(lone)
    lone.publish(replace(lone.base, routes={"active": Route("active", "beta")}))
    assert worker.client.chat("active").text == words("beta")


# -- another LiteLLM ------------------------------------------------------------------------------------


def test_a_litellm_that_lacks_something_is_left_alone(lone: Stack) -> None:
    worker = stopped(lone)
    empty_store(lone)
    lone.publish(replace(lone.base, routes={"active": Route("active", "beta")}), wait=False)
    hooks = "support.without_internals:without_a_member,modelctl.hook:startup,support.in_worker:listen"
    worker.start({"LITELLM_WORKER_STARTUP_HOOKS": hooks})
    assert worker.client.chat("active").text == words("alpha")  # as its config file says
    (row,) = wait_until(lambda: lone.rows(), "a word of the worker")
    (name,) = [each for each in NAMES if f"lacks {each}:" in str(row.error)]
    assert row.revision is None
    assert worker.process.output().count(f"lacks {name}:") == 1
    lone.publish(lone.base, wait=False)
    source = """
    config = proxy.proxy_config
    return [each._get_config_from_file.__qualname__ for each in (type(config), config)]
    """
    names = inside(worker, source)
    assert names[0] == names[1]  # LiteLLM reads its own file, as ever
    worker.process.kill()


LACKS_LATER = """
from modelctl.hook import contract
from modelctl.hook.hook_state import State
from modelctl.hook.follow import Follower
class Bare:
    pass
class Proxy:
    llm_router = Bare()
said = []
class Reporter:
    def say(self, report):
        said.append([report.version, report.error, report.state])
follower = Follower(Proxy, None, Reporter(), State(version=7), booted=None, defaults={})
later = []
class Loop:
    def call_later(self, seconds, work):
        later.append(seconds)
follower._loop = Loop()
for _ in range(3):
    follower._tick()
return [said, follower.caught_up.is_set(), min(later), contract.missing_in(Proxy.llm_router)]
"""


def test_a_router_that_lacks_something_is_said_once_and_holds_nobody_up(stack: Stack) -> None:
    said, serving, pause, names = inside(stack.proxy.workers[0], LACKS_LATER)
    assert len(names) > 10
    ((version, error, state),) = said
    assert (version, state) == (7, "unsupported")
    assert all(name in error for name in names)
    assert "traffic is left as it is" in error
    assert serving
    assert pause >= 1  # seconds until it looks again


# -- the end ---------------------------------------------------------------------------------------------

SUPERVISOR = """
import os, subprocess, sys, time
env = {**os.environ, "MODELCTL_PARENT": str(os.getpid())}
child = subprocess.Popen([sys.executable, *sys.argv[1:]], env=env, pass_fds=[int(sys.argv[-1])])
print("child", child.pid, flush=True)
time.sleep(600)
"""


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def child_of(process: Process) -> int:
    line = process.wait_for(
        lambda: [each for each in process.output().splitlines() if each.startswith("child ")], "a child", 20
    )
    return int(line[0].split()[1])


def test_a_worker_ends_when_its_supervisor_was_killed(tmp_path: Path, upstream: Upstream) -> None:
    """In the middle of its boot, long before LiteLLM could notice anything."""
    state = tmp_path / "state"
    store = open_store(str(state))
    store.commit(0, desired=base_world())
    env = environment(
        {
            **variables(upstream.url, upstream.url),
            "MODELCTL_STATE": str(state),
            "LITELLM_WORKER_STARTUP_HOOKS": "modelctl.hook:startup",
        }
    )
    with listen() as listener:
        command = [python(), "-c", SUPERVISOR, "-m", "modelctl.worker", "--fd", str(listener.fileno())]
        process = Process("supervisor", command, log=tmp_path / "log", env=env, pass_fds=[listener.fileno()])
        pid = child_of(process)
        process.wait_for(lambda: "following the store" in process.output(), "the worker boots", BOOT)
        process.send(signal.SIGKILL)
        process.wait(10)
        assert wait_until(lambda: not alive(pid), "the worker is gone", timeout=20)
    store.close()


REPORTER = """
import sys, time
from modelctl.hook.log_reporter import LogReporter
from modelctl.hook.reporter import StoreReporter
from modelctl.store import open_store
reporter = StoreReporter(lambda: open_store(sys.argv[1]), LogReporter("the desired state"))
print("reporting", flush=True)
time.sleep(600)
"""


def test_the_hook_notices_by_itself_that_the_supervisor_is_gone(tmp_path: Path) -> None:
    """Where no kernel passes the parent's death on."""
    env = environment(modules(Path(__file__).parents[1]))
    command = [python(), "-c", SUPERVISOR, "-c", REPORTER, str(tmp_path / "state"), "2"]
    process = Process("supervisor", command, log=tmp_path / "log", env=env)
    pid = child_of(process)
    process.wait_for(lambda: "reporting" in process.output(), "the reporter runs", 30)
    process.send(signal.SIGKILL)
    process.wait(10)
    wait_until(lambda: not alive(pid), "the reporter's process is gone", timeout=20)
    assert "the supervisor" in process.output()


# -- `litellm --config`, as people start it ---------------------------------------------------------------


def test_plain_litellm_with_two_workers_catches_up_before_the_first_answer(tmp_path: Path, upstream: Upstream) -> None:
    """Only the callbacks line and MODELCTL_STATE: the config file is older than the store."""
    state = tmp_path / "state"
    store = open_store(str(state))
    base = base_world()
    newer: DesiredState = replace(base, deployments={**base.deployments, spare("delta").id: spare("delta")})
    chosen = Selection("delta", "alpha", "tests", time.time())
    store.commit(0, desired=newer, selections={"active": (chosen,)})
    config = tmp_path / "litellm_config.yaml"
    config.write_text(yaml.safe_dump(resolve_routes(base, {}).config()))
    env = {**variables(upstream.url, upstream.url), "MODELCTL_STATE": str(state)}
    proxy = PlainProxy(tmp_path / "proxy", config, workers=2, env=env)
    proxy.launch()
    try:
        first = proxy.process.wait_for(lambda: first_answer(proxy.client), "a first answer", BOOT)
        assert first.text == words("delta", key_of("spare"))
        rows = wait_until(
            lambda: found if len(found := [row for row in store.workers() if row.revision]) == 2 else None,
            "both workers ack",
            timeout=BOOT,
        )
        assert {(row.revision, row.error, row.restart_needed) for row in rows} == {(newer.revision, None, ())}
        assert {proxy.client.chat("active").text for _ in range(8)} == {words("delta", key_of("spare"))}
        store.commit(store.head().version, selections={})
        wait_until(lambda: {row.targets["active"] for row in store.workers()} == {"alpha"}, "both follow")
        assert {proxy.client.chat("active").text for _ in range(8)} == {words("alpha")}
    finally:
        proxy.stop()
        store.close()


def first_answer(client: Client) -> Answer | None:
    import httpx

    try:
        return client.chat("active")
    except httpx.TransportError:
        return None
