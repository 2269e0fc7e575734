"""What the tests share. A real LiteLLM takes 8 to 35 s to boot, so it boots once, and only if a test needs it.

Every test is marked by the fixtures that it uses: `litellm` and `browser` (`make quick` runs what has neither mark).
"""

from __future__ import annotations

import os
import secrets
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from modelctl.litellm_spec import known_keys
from modelctl.store.redis_bell import RedisBell
from support import lines
from support.aimock import Aimock
from support.effort import examples
from support.litellm_stack import Stack
from support.processes import stop_all
from support.redis_server import PROGRAMS, RedisServer, started
from support.upstream import Upstream

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # a shell's background job: programs under test inherit that
    signal.signal(signal.SIGINT, signal.default_int_handler)

HOSTS = "MODELCTL_TEST_HOSTS"  # set inside a network namespace that is the tests' own
CORPUS = os.environ.get("MODELCTL_CORPUS")
collect_ignore = [] if CORPUS else ["unit/test_corpus.py"]


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """What is about a pair of lines needs another line than the pinned one; hosts need a network of their own."""
    lacks = {"test_upgrade_lines.py": not config.getoption("--line"), "test_three_hosts.py": not os.environ.get(HOSTS)}
    return True if lacks.get(collection_path.name) else None


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--line", help="LiteLLM's line under test, such as 1.110 (`make lines` makes its environment)")


def pytest_report_header() -> list[str]:
    corpus = "corpus: MODELCTL_CORPUS is not set, so the tests on real configs are not collected"
    return [f"LiteLLM {lines.litellm_release()}", *([] if CORPUS else [corpus])]


BY_COST = ("session_upstream", "session_own_upstream", "session_stack")  # fixtures, the cheaper first
TESTS = Path(__file__).parent
DEAR = ("litellm", "browser")  # marks, and the folders of the tests that have them
MARKED_BY_FIXTURE = {"session_stack": "litellm", "living": "litellm", "browser": "browser"}

# No deadline: an example that takes long on a busy machine is no fault. `make bench` measures.
settings.register_profile("modelctl", max_examples=examples(100), deadline=None)
settings.load_profile("modelctl")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "litellm: imports or runs LiteLLM (set here for tests with a fixture that does)")
    config.addinivalue_line("markers", "boots: starts LiteLLM processes of its own; such tests run last")
    config.addinivalue_line("markers", "browser: needs a browser or the front ends' npm packages")
    if line := config.getoption("--line"):
        lines.choose(line)


def pytest_itemcollected(item: pytest.Item) -> None:
    """Set the marks that `-m` selects by."""
    marks = {mark for fixture, mark in MARKED_BY_FIXTURE.items() if fixture in getattr(item, "fixturenames", ())}
    if item.get_closest_marker("boots"):
        marks.add("litellm")
    for mark in sorted(marks):
        item.add_marker(mark)
    folder = _folder(item)
    needed = {mark.name for mark in item.iter_markers()} & set(DEAR)
    if needed and folder not in DEAR:
        raise pytest.UsageError(
            f"{item.nodeid} needs {' and '.join(sorted(needed))}: it belongs in tests/{needed.pop()}/"
        )


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests that need no LiteLLM first: most mistakes show within seconds. `make stress` mixes them."""
    if "litellm" in sys.modules and not any(_folder(item) in DEAR for item in items):
        raise pytest.UsageError("a module of these tests imports LiteLLM, for seconds: it belongs in tests/litellm/")
    if not _mixed(config):
        items.sort(key=_cost)


def _folder(item: pytest.Item) -> str:
    return item.path.relative_to(TESTS).parts[0]


def _mixed(config: pytest.Config) -> bool:
    return any(str(each).startswith("--random-order") for each in config.invocation_params.args)


def _cost(item: pytest.Item) -> int:
    if item.get_closest_marker("boots"):
        return len(BY_COST) + 1
    needs = getattr(item, "fixturenames", ())
    return max((cost for cost, fixture in enumerate(BY_COST, start=1) if fixture in needs), default=0)


def pytest_unconfigure() -> None:
    stop_all()


@pytest.fixture(autouse=True)
def made_up_providers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Catalogs of tests call their providers `a`, `b`, ...: LiteLLM knows them, as far as rules are concerned."""
    known = known_keys.providers()
    monkeypatch.setattr(known_keys, "providers", lambda: known | frozenset("abcdpqxyz") | {"other"})


@pytest.fixture(scope="session")
def session_upstream(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Upstream]:
    upstream = Upstream(tmp_path_factory.mktemp("upstream"))
    yield upstream
    upstream.stop()


@pytest.fixture
def upstream(session_upstream: Upstream) -> Upstream:
    """The provider of the tests' own, behaving and with nothing received."""
    session_upstream.reset()
    return session_upstream


@pytest.fixture(scope="session")
def session_own_upstream(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Upstream]:
    """One that no LiteLLM knows: a running LiteLLM asks its providers for their models whenever it likes."""
    upstream = Upstream(tmp_path_factory.mktemp("own-upstream"))
    yield upstream
    upstream.stop()


@pytest.fixture
def own_upstream(session_own_upstream: Upstream) -> Upstream:
    """Behaving and with nothing received; all that it receives comes from this test."""
    session_own_upstream.reset()
    return session_own_upstream


@pytest.fixture(scope="session")
def aimock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aimock]:
    mock = Aimock(tmp_path_factory.mktemp("aimock"))
    yield mock
    mock.stop()


@pytest.fixture(scope="session")
def session_stack(
    tmp_path_factory: pytest.TempPathFactory, session_upstream: Upstream, aimock: Aimock
) -> Iterator[Stack]:
    stack = Stack(tmp_path_factory.mktemp("stack"), session_upstream, aimock)
    try:
        stack.proxy.start()
        yield stack
    finally:
        stack.stop()


@pytest.fixture
def stack(session_stack: Stack) -> Stack:
    """The session's proxy (two workers) on its base models, with no selection."""
    session_stack.reset()
    return session_stack


@pytest.fixture(autouse=True)
def quiet_bells(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No thread of a store goes on looking for a server that its test has ended."""
    rung: list[RedisBell] = []
    start = RedisBell._start

    def started_here(bell: RedisBell) -> None:
        rung.append(bell)
        start(bell)

    monkeypatch.setattr(RedisBell, "_start", started_here)
    yield
    for bell in rung:
        bell.close()


@pytest.fixture(scope="session")
def session_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, RedisServer]]:
    """Servers by their program, started when a test asks for them."""
    servers = Servers(tmp_path_factory.mktemp("redis"))
    yield servers
    for server in servers.values():
        server.stop()


class Servers(dict[str, RedisServer]):
    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    def __missing__(self, program: str) -> RedisServer:
        self[program] = started(self._folder / program, program=PROGRAMS[program])
        return self[program]


@pytest.fixture
def redis_url(session_redis: dict[str, RedisServer]) -> str:
    """A store of the test's own in the session's Valkey."""
    return f"{session_redis['valkey'].url}?name={secrets.token_hex(4)}"


@pytest.fixture(params=["sqlite", *PROGRAMS])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A new store of each kind."""
    if request.param == "sqlite":
        return str(tmp_path / "store")
    server = request.getfixturevalue("session_redis")[request.param]
    return f"{server.url}?name={secrets.token_hex(4)}"
