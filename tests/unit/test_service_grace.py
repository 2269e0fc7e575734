"""A selection whose model is away for a moment comes back with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelctl.service import SelectRequest, Service
from modelctl.service.grace import GRACE_S
from modelctl.store import open_store
from support.api_server import ACME, ROUTES, make_service, settings_for, write_catalog

SLOW = "  slow: {context_window: 128000, supports_tools: true, price: {input: 2, output: 4}, mode: chat}\n"
HALF = {
    "model": {"providers_acme": ACME.replace(SLOW, "")},
    "facts": {"providers_acme": ACME.replace(SLOW, "  slow: {mode: chat}\n")},
    "route": {"routes": "side:\n  target: free\n"},
}


class World:
    """A catalog, a clock, and a control plane that is started anew when asked."""

    def __init__(self, root: Path) -> None:
        self.root, self.now = root, 1_800_000_000.0
        self.catalog = write_catalog(root)
        self.service = self.started()
        self.write()

    def started(self) -> Service:
        store = open_store(str(settings_for(self.catalog).state))
        return make_service(self.catalog, store, clock=lambda: self.now)

    def write(self, **files: str) -> None:
        write_catalog(self.root, **files)
        assert self.service.publish(force=True).verdict in ("published", "unchanged")

    def targets(self) -> str | None:
        return self.service.snapshot().targets.get("active")

    def actions(self, limit: int) -> list[tuple[str, str | None, str | None]]:
        return [(one.action, one.before, one.after) for one in self.service.history("active", limit)]


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.mark.parametrize("restarted", [False, True])
@pytest.mark.parametrize("half", HALF)
def test_it_comes_back(world: World, half: str, restarted: bool) -> None:
    world.service.select(SelectRequest("slow", actor="ada", reason="mine"))
    world.write(**HALF[half])
    assert world.targets() in ("fast", None)
    if restarted:
        world.service = world.started()
    world.now += GRACE_S - 1
    world.write()
    assert world.targets() == "slow"
    entry = world.service.history("active", 1)[0]
    assert (entry.action, entry.before, entry.after, entry.actor, entry.reason) == (
        "return", "fast", "slow", "ada", "mine"
    )  # fmt: skip
    assert world.service.store.resting() == ()


def test_after_the_grace_it_stays_away(world: World) -> None:
    world.service.select(SelectRequest("slow"))
    world.write(**HALF["model"])
    world.now += GRACE_S + 1
    world.write()
    assert (world.targets(), world.actions(1)[0][0]) == ("fast", "end")


def test_a_limit_that_is_over_meanwhile_stays_over(world: World) -> None:
    world.service.select(SelectRequest("slow", lasts=5))
    world.write(**HALF["model"])
    world.now += 6
    world.write()
    assert world.targets() == "fast"


def test_what_was_chosen_meanwhile_counts(world: World) -> None:
    world.service.select(SelectRequest("slow"))
    world.write(**HALF["model"])
    world.now += 1
    world.service.select(SelectRequest("acme-twin"))
    world.write()
    assert world.targets() == "acme-twin"
    assert world.service.rollback("active", "ada").step.target.name == "slow"


def test_a_reviewed_change_of_the_default_ends_it_for_good(world: World) -> None:
    world.service.select(SelectRequest("slow"))
    moved = ROUTES.replace("target: fast", "target: acme-twin")
    world.write(routes=moved)
    world.write()
    assert world.targets() == "fast"
    world.service.select(SelectRequest("slow"))
    world.write(**HALF["model"])
    world.write(routes=moved)
    assert (world.targets(), world.service.store.resting()) == ("acme-twin", ())


def test_a_flickering_file_ends_nothing(world: World) -> None:
    world.service.select(SelectRequest("acme-twin"))
    world.service.select(SelectRequest("slow"))
    for _ in range(5):
        world.write(**HALF["model"])
        assert world.targets() == "acme-twin"
        world.now += 1
        world.write()
        assert world.targets() == "slow"
    assert [one.target for one in world.service.store.head().selections["active"]] == ["acme-twin", "slow"]
