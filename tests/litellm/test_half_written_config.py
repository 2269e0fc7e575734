"""However a config that a worker follows is written, nothing is taken over that lacks a part of it."""

from __future__ import annotations

import time
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest

from modelctl.errors import errors_in
from modelctl.hook import file_reader
from modelctl.hook.events import ContentSeen
from modelctl.hook.file_reader import FileReader
from modelctl.hook.stepwise import to_end
from support.waiting import wait_until
from support.writers import WRITERS, Writer, lacks

LONG = 8.0  # for what may be half of a change
CASES = [(writer, seed) for writer in WRITERS for seed in range(3)]
NAMES = [f"m{number}" for number in range(12)]


def config(names: list[str], price: int) -> str:
    entries = "".join(
        f"  - model_name: {name}\n"
        f"    litellm_params:\n"
        f"      model: openai/{name}\n"
        f"      api_base: http://localhost:9/v1\n"
        f"      rpm: {price}\n"
        f"    model_info:\n"
        f"      id: {name}\n"
        f"      mode: chat\n"
        for name in names
    )
    rest = "router_settings:\n  num_retries: 2\n  model_group_alias:\n    a: m0\n    b: m1\ngeneral_settings: {}\n"
    return f"model_list:\n{entries}{rest}"


BEFORE, AFTER = config(NAMES, 1), config(["new", *NAMES], 3)


class Followed:
    """Every state that a worker which follows a config would have taken."""

    def __init__(self, folder: Path, writer: Writer, chance: Random) -> None:
        folder.mkdir()
        self.path = folder / "config.yaml"
        self.path.write_text(BEFORE)
        proxy = SimpleNamespace(proxy_config=SimpleNamespace(_check_for_os_environ_vars=lambda config: config))
        self.reader = FileReader(str(self.path), proxy)
        self.seen: list[Any] = []
        self._writing = writer(self.path, AFTER, chance)
        self._next = float("inf")

    def look(self) -> None:
        event = self.reader.look() if self.reader.due() else None
        if isinstance(event, ContentSeen) and event.models is not None and not errors_in(event.problems):
            read = self.reader._seen
            assert read is not None
            to_end(self.reader._revision(read))
            entries = {name: read.entry(number) for number, name in enumerate(read.names)}
            self.seen.append({"entries": entries, "settings": read.settings})
            self._next = min(self._next, time.monotonic())
        if time.monotonic() >= self._next:
            pause = next(self._writing, None)
            self._next = time.monotonic() + pause if pause is not None else float("inf")

    def done(self) -> bool:
        self.look()
        return bool(self.seen) and "new" in self.seen[-1]["entries"]

    def stop(self) -> None:
        child = self.reader._child
        if child is not None and child._process is not None:
            child._process.kill()
            child._process.wait()


def test_a_config_that_is_followed_is_never_taken_in_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_reader, "UNFINISHED", LONG)
    monkeypatch.setattr(file_reader, "SETTLE", 0.05)
    followed = [Followed(tmp_path / str(n), writer, Random(seed)) for n, (writer, seed) in enumerate(CASES)]
    try:
        wait_until(lambda: sum(each.done() for each in followed) == len(CASES), "all took the edit", 120, every=0.005)
    finally:
        for each in followed:
            each.stop()
    found = [
        (writer.__name__, seed, number)
        for each, (writer, seed) in zip(followed, CASES, strict=True)
        for number, state in enumerate(each.seen)
        if lacks(each.seen[0], state)
    ]
    assert found == []
