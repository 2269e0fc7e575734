"""However a catalog's file is written, nothing goes live that lacks a part of it.

Times stand in a ratio: what may be half of a change is given far more than any pause of a writer.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from random import Random
from typing import Any

import pytest

from modelctl.control_plane import watch
from modelctl.control_plane.background import follow
from modelctl.control_plane.watch import Watch
from modelctl.system.open_for_writing import ignore_signals
from support.api_server import make_service, write_catalog
from support.waiting import run_async, within
from support.writers import WRITERS, Writer, lacks

LONG = 8.0  # for what may be half of a change
TOGETHER = 12
CASES = [(writer, seed) for writer in WRITERS for seed in range(3)]
NAMES = [f"m{number}" for number in range(12)]


def provider(names: list[str], price: int) -> str:
    models = "".join(
        f"  {name}:\n"
        f"    description: Model {name}, for whatever\n"
        f"    context_window: 128000\n"
        f"    supports_tools: true\n"
        f"    price:\n"
        f"      input: {price}\n"
        f"      output: 2\n"
        f"    params:\n"
        f"      rpm: 100\n"
        for name in names
    )
    return f"name: Acme\nlitellm_provider: openai\napi_base: http://localhost:9/v1\napi_key: none\nmodels:\n{models}"


BEFORE, AFTER = provider(NAMES, 1), provider(["new", *NAMES], 3)


class Live:
    """Every state that a control plane has published."""

    def __init__(self, folder: Path) -> None:
        self.catalog = write_catalog(folder, providers_acme=BEFORE, routes="active: {target: m3}\n")
        self.path = self.catalog / "providers" / "acme.yaml"
        self.service = make_service(self.catalog)
        self.seen: list[dict[str, Any]] = []
        self.service.publish()
        self.note()

    def note(self, *_: Any) -> None:
        state = self.service.snapshot().desired
        assert state is not None
        entries = {each.group: each.entry() for each in state.deployments.values()}
        self.seen.append(
            {"entries": entries, "routes": {name: route.to_dict() for name, route in state.routes.items()}}
        )

    async def edited(self, writer: Writer, chance: Random, events: bool) -> None:
        watcher = Watch(self.catalog, events=events, every=0.25 if events else 0.02, meanwhile=self.service.prepare)
        following = asyncio.create_task(follow(self.service, watcher, self.note))
        await asyncio.sleep(0)
        for pause in writer(self.path, AFTER, chance):
            await asyncio.sleep(pause)
        while "new" not in self.seen[-1]["entries"]:
            assert not following.done()
            await asyncio.sleep(0.02)
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)


@pytest.mark.parametrize("events", [False, True], ids=["looking", "events"])
def test_a_catalog_never_goes_live_in_part(tmp_path: Path, events: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "UNFINISHED_S", LONG)
    monkeypatch.setattr(watch, "HELD_S", 2 * LONG)
    monkeypatch.setattr(watch, "LONGEST_S", 4 * LONG)
    ignore_signals()
    lives = [Live(tmp_path / str(number)) for number, _ in enumerate(CASES)]

    async def all_of_them() -> None:
        some = asyncio.Semaphore(TOGETHER)

        async def edited(live: Live, writer: Writer, seed: int) -> None:
            async with some:
                await within(live.edited(writer, Random(seed), events), 60)

        await asyncio.gather(*(edited(live, *case) for live, case in zip(lives, CASES, strict=True)))

    run_async(all_of_them())
    found = [
        (writer.__name__, seed, number)
        for live, (writer, seed) in zip(lives, CASES, strict=True)
        for number, state in enumerate(live.seen)
        if lacks(live.seen[0], state)
    ]
    assert found == []
