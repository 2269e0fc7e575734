"""Keys from files on a real LiteLLM: a new one is tried, then used by every worker; a bad one is told, and not used."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from modelctl.state.key_source import KeySource
from modelctl.system.key_files import variable_for
from support.aimock import Aimock
from support.litellm_stack import Stack
from support.models import upstream_model
from support.proxy import PlainProxy
from support.upstream import Upstream
from support.waiting import wait_until

pytestmark = pytest.mark.boots
VARIABLE = "ROTATED_API_KEY"
FIRST, SECOND, THIRD = "sk-first-of-the-file", "sk-second-of-the-file", "sk-third-of-the-file"
SLOW = 30.0  # seconds; three are usual


@dataclass
class Rotated:
    stack: Stack
    file: Path

    def write(self, text: str) -> None:
        """As a kubelet does: another file takes the place."""
        new = self.file.with_name("new")
        new.write_text(text)
        new.replace(self.file)

    def seen(self) -> set[str]:
        """The answers of every worker, which name the key that the provider saw."""
        return {client.chat("rotated").text for client in self.stack.clients}

    def served_with(self, key: str) -> bool:
        return all(f"key={key};" in text for text in self.seen())

    def sources(self) -> list[KeySource]:
        return [key for row in self.stack.rows() for key in row.keys if key.variable == VARIABLE]

    def told(self, words: str) -> bool:
        found = self.sources()
        return len(found) == 2 and all(words in (key.problem or "") for key in found)


@pytest.fixture(scope="module")
def module_rotated(
    tmp_path_factory: pytest.TempPathFactory, session_upstream: Upstream, aimock: Aimock
) -> Iterator[Rotated]:
    stack = Stack(tmp_path_factory.mktemp("keys"), session_upstream, aimock)
    made = Rotated(stack, stack.folder / "key")
    made.write(FIRST + "\n")
    world = [*stack.base.deployments.values(), upstream_model("rotated", VARIABLE)]
    stack.publish(replace(stack.base, deployments={each.id: each for each in world}), wait=False)
    for worker in stack.proxy.workers:
        worker.env[f"{VARIABLE}_FILE"] = str(made.file)
    try:
        stack.proxy.start()
        yield made
    finally:
        stack.stop()


@pytest.fixture
def rotated(module_rotated: Rotated) -> Rotated:
    """On the first key, with nothing to report."""
    module_rotated.stack.upstream.reset()
    module_rotated.write(FIRST + "\n")
    wait_until(lambda: module_rotated.served_with(FIRST), "the first key is used", SLOW)
    wait_until(lambda: {key.problem for key in module_rotated.sources()} == {None}, "nothing is wrong", SLOW)
    return module_rotated


def test_a_new_key_is_tried_and_then_used_by_every_worker(rotated: Rotated) -> None:
    pids = {worker.pid for worker in rotated.stack.proxy.workers}
    rotated.write(SECOND + "\n")
    wait_until(lambda: rotated.served_with(SECOND), "the second key is used", SLOW)
    tried = [each for each in rotated.stack.upstream.requests("rotated") if each["body"].get("max_tokens") == 1]
    assert len(tried) == 2  # once by each worker
    assert {worker.pid for worker in rotated.stack.proxy.workers} == pids
    since = rotated.file.stat().st_mtime_ns / 1e9  # st_mtime rounds otherwise, in the last bit
    wait_until(lambda: {key.since for key in rotated.sources()} == {since}, "its age is reported", SLOW)
    assert {(key.variable, key.file, key.problem) for key in rotated.sources()} == {(VARIABLE, str(rotated.file), None)}
    assert SECOND not in repr(rotated.stack.rows())


def test_a_file_that_the_catalog_names_is_used_and_followed(rotated: Rotated) -> None:
    stack, file = rotated.stack, rotated.file.with_name("named")
    before = stack.desired
    file.write_text(SECOND)
    variable = variable_for(str(file))
    stack.publish(replace(
        stack.desired, env_defaults={f"{variable}_FILE": str(file)},
        deployments={**stack.desired.deployments, (new := upstream_model("named", variable)).id: new},
    ))  # fmt: skip
    assert all(SECOND in client.chat("named").text for client in stack.clients)
    file.write_text(THIRD)
    wait_until(lambda: all(THIRD in client.chat("named").text for client in stack.clients), "the third key", SLOW)
    stack.publish(before)
    wait_until(lambda: {len(row.keys) for row in stack.rows()} == {1}, "nobody follows it any more", SLOW)


@pytest.mark.parametrize("status", [401, 403])
def test_a_key_that_the_provider_refuses_is_not_used(rotated: Rotated, status: int) -> None:
    rotated.stack.upstream.behave("rotated", status=status)
    rotated.write(SECOND)
    wait_until(
        lambda: rotated.told(f"is refused: the provider answers {status}; the one from before is used"), "told", SLOW
    )
    rotated.stack.upstream.reset()
    assert rotated.served_with(FIRST)


def test_a_provider_that_says_nothing_is_asked_again(rotated: Rotated) -> None:
    rotated.stack.upstream.behave("rotated", status=503)
    rotated.write(SECOND)
    wait_until(lambda: rotated.told("waits to be tried: the provider does not answer"), "told", SLOW)
    rotated.stack.upstream.reset()
    assert rotated.served_with(FIRST)
    wait_until(lambda: rotated.served_with(SECOND), "it answers again, and the key is used", SLOW)


@pytest.mark.parametrize(
    ("text", "words"),
    [("", "is empty"), ("\n", "is empty"), ("one\ntwo\n", "holds more than one line"), (" sk-x", "has blanks around")],
)
def test_what_is_no_key_is_told_and_the_old_one_serves(rotated: Rotated, text: str, words: str) -> None:
    rotated.write(text)
    wait_until(lambda: rotated.told(words), "told", SLOW)
    assert rotated.served_with(FIRST)


def test_a_file_that_is_gone_or_cannot_be_read_is_told(rotated: Rotated) -> None:
    rotated.file.unlink()
    wait_until(lambda: rotated.told("is not there"), "told", SLOW)
    assert rotated.served_with(FIRST)
    rotated.file.mkdir()
    try:
        wait_until(lambda: rotated.told("is a folder"), "told", SLOW)
        assert rotated.served_with(FIRST)
    finally:
        Path(rotated.file).rmdir()


PLAIN = """\
model_list:
  - model_name: plain
    litellm_params: {model: openai/plain, api_key: os.environ/PLAIN_API_KEY, api_base: os.environ/UPSTREAM_BASE}
litellm_settings: {callbacks: [modelctl.hook.handler]}
router_settings: {num_retries: 0, disable_cooldowns: true}
"""


def test_a_litellm_with_the_one_line_takes_keys_from_files_too(tmp_path: Path, upstream: Upstream) -> None:
    config, file = tmp_path / "config.yaml", tmp_path / "key"
    config.write_text(PLAIN)
    file.write_text(FIRST + "\n")
    env = {"PLAIN_API_KEY_FILE": str(file), "UPSTREAM_BASE": upstream.base()}
    proxy = PlainProxy(tmp_path / "proxy", config, env=env).start()
    try:
        assert f"key={FIRST};" in proxy.client.chat("plain").text
        file.write_text(SECOND + "\n")
        wait_until(lambda: f"key={SECOND};" in proxy.client.chat("plain").text, "the second key is used", SLOW)
    finally:
        proxy.stop()
