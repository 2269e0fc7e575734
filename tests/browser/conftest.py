"""A control plane that is really running, workers played beside it, and a browser before it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from support.browser import launched
from support.catalog_files import write_catalog
from support.page import ACME, ROUTES, ZETA, World
from support.upstream import Upstream


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


@pytest.fixture
def upstream(own_upstream: Upstream) -> Upstream:
    """It plays the proxy, and receives what the test sends, nothing else."""
    return own_upstream


@pytest.fixture
def build(tmp_path: Path, browser: Browser) -> Iterator[Callable[..., World]]:
    """Make a world on a catalog of the test's own; all end with the test."""
    made: list[World] = []

    def make(providers: dict[str, Any], routes: dict[str, Any] | None = None, **env: str) -> World:
        made.append(World(tmp_path, browser, write_catalog(tmp_path, providers, routes), env))
        return made[-1]

    yield make
    for world in made:
        world.stop()


@pytest.fixture
def workshop(build: Callable[..., World]) -> World:
    """A world with a catalog that may be written, in a git repository."""
    made = build({"acme": ACME, "zeta": ZETA}, ROUTES)
    subprocess.run(["git", "init", "-q"], cwd=made.catalog.parent, check=True)
    return made


@pytest.fixture
def asked(build: Callable[..., World], upstream: Upstream) -> World:
    """A world whose proxy is the upstream."""
    env = {"MODELCTL_PROXY": upstream.url, "LITELLM_MASTER_KEY": "sk-of-the-test"}
    return build({"acme": ACME, "zeta": ZETA}, ROUTES, **env)


@pytest.fixture(scope="session")
def session_world(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("page")
    world = World(folder, browser, write_catalog(folder, {"acme": ACME, "zeta": ZETA}, ROUTES))
    yield world
    world.stop()


@pytest.fixture
def world(session_world: World) -> Iterator[World]:
    """The team's world, fresh; its catalog and its process are not to be touched (`build` one for that)."""
    session_world.reset()
    yield session_world
    session_world.reset()


@pytest.fixture
def page(world: World) -> Page:
    return world.visit().open()
