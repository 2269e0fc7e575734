"""The React drop-in in a front end on another origin, against a control plane that really runs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Route, expect

from support.browser import violations
from support.catalog_files import write_catalog
from support.page import ACME, ROUTES, ZETA, World
from support.react import bundle, installed, site

VERSIONS = (18, 19)
# Radix hides the page behind an open list from readers; axe then misses what every page should have.
WHILE_OPEN = {"aria-hidden-focus", "landmark-one-main", "page-has-heading-one", "region"}


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The front end, at `/18/` and `/19/`."""
    folder = tmp_path_factory.mktemp("front")
    project = installed(folder)
    for version in VERSIONS:
        bundle(project, folder / "site" / str(version), version)
    with site(folder / "site") as origin:
        yield origin


@pytest.fixture(scope="module")
def module_world(tmp_path_factory: pytest.TempPathFactory, browser: Browser, origin: str) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("react")
    catalog = write_catalog(folder, {"acme": ACME, "zeta": ZETA}, ROUTES)
    world = World(folder, browser, catalog, {"MODELCTL_CORS_ORIGINS": origin})
    yield world
    world.stop()


@pytest.fixture
def world(module_world: World) -> World:
    module_world.reset()
    return module_world


@pytest.fixture
def go(browser: Browser, origin: str) -> Iterator[Callable[..., Page]]:
    """Opens the front end on a React, for a control plane; nothing may be said on its console."""
    context = browser.new_context()
    context.set_default_timeout(10_000)
    wrong: list[str] = []
    context.on("console", lambda message: wrong.append(message.text) if _is_wrong(message) else None)
    context.on("weberror", lambda error: wrong.append(str(error.error)))

    def open_page(world: World, version: int = 18) -> Page:
        page = context.new_page()
        page.goto(f"{origin}/{version}/?server={world.plane.url}")
        expect(page.get_by_role("heading")).to_contain_text(f"Chat on React {version}.")
        return page

    yield open_page
    context.close()
    assert wrong == []


def _is_wrong(message: ConsoleMessage) -> bool:
    # The browser logs each answer of 4xx and each refused connection, which tests provoke.
    return message.type in ("error", "warning") and not message.text.startswith("Failed to load resource")


@pytest.fixture
def page(world: World, go: Callable[..., Page]) -> Page:
    page = go(world)
    expect(selector(page, "First")).to_contain_text("Alpha")
    return page


def selector(page: Page, name: str) -> Locator:
    return page.get_by_role("combobox", name=name)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_pick_and_a_refusal(world: World, go: Callable[..., Page], version: int) -> None:
    page = go(world, version)
    expect(selector(page, "First")).to_contain_text("Alpha")
    selector(page, "First").click()
    page.get_by_role("option", name="Zed").click()
    expect(page.get_by_label("Toasts")).to_have_text("success | active is now Zed")
    expect(selector(page, "Second")).to_contain_text("Zed")
    assert world.target() == "zed"
    page.get_by_role("button", name="Select Beta").click()
    expect(page.get_by_label("Direct")).to_contain_text("zed settled false")
    assert world.target() == "zed"


def test_the_list_is_grouped_and_says_why_not(page: Page) -> None:
    selector(page, "First").click()
    groups = page.get_by_role("group")
    expect(groups).to_have_count(2)
    acme = page.get_by_role("group", name="Acme")
    facts = "128k · $1.00 in · $2.00 out"
    expect(acme.get_by_role("option")).to_have_text(
        [
            f"Alpha{facts}VisionStreamingTools✓",
            "Beta8k · $0.10 in · $0.20 outno tools",
            "Gamma1M · $10.00 in · $50.00 outReasoningStreamingTools",
            "ElderStreamingToolsretired 2024-01-02; use alpha",
        ]
    )
    expect(acme.get_by_role("option", disabled=True)).to_contain_text(["no tools", "retired 2024-01-02"])
    expect(page.get_by_role("option", selected=True)).to_contain_text("Alpha")
    expect(page.get_by_role("group", name="Zeta Works").get_by_role("option")).to_contain_text(["Zed"])


def test_what_lacks_a_key_stands_below_and_says_so_once(world: World, page: Page) -> None:
    for name in ("w1", "w2"):
        world.fleet.say(name, unset=("ACME_KEY",))
    selector(page, "First").click()
    groups = page.get_by_role("group")
    expect(groups.first).to_have_accessible_name("Zeta Works")
    expect(groups.last).to_have_accessible_name(re.compile("Acme ?ACME_KEY is not set"))
    expect(page.get_by_text("ACME_KEY is not set")).to_have_count(1)


def test_the_search_finds_by_name_provider_and_tag(world: World, page: Page) -> None:
    selector(page, "First").click()
    page.get_by_label("Search models").fill("zeta")
    expect(page.get_by_role("option")).to_contain_text(["Zed"])
    page.get_by_label("Search models").fill("cheap")
    expect(page.get_by_role("option")).to_contain_text(["Alpha"])
    page.get_by_label("Search models").fill("nothing")
    expect(page.get_by_role("status")).to_have_text("No model matches “nothing”")
    page.get_by_label("Search models").fill("gam")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("option", name="Gamma")).to_be_focused()
    page.keyboard.press("Enter")
    expect(selector(page, "First")).to_contain_text("Gamma")
    expect(page.get_by_label("Toasts")).to_contain_text("Gamma")
    assert world.target() == "gamma"


def test_refresh_beside_the_field(page: Page) -> None:
    page.get_by_role("button", name="Refresh: First").click()
    expect(page.get_by_label("Toasts")).to_contain_text("nothing has changed")


def test_a_route_of_another_kind_offers_its_kind(page: Page) -> None:
    expect(selector(page, "Search")).to_contain_text("Vectors")
    selector(page, "Search").click()
    expect(page.get_by_role("option")).to_contain_text(["Vectors"])


def test_keys_alone_do_it(world: World, page: Page) -> None:
    selector(page, "First").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("listbox")).to_be_visible()
    page.keyboard.press("g")
    expect(page.get_by_label("Search models")).to_have_value("g")
    page.keyboard.type("am")
    expect(page.get_by_role("option")).to_contain_text(["Gamma"])
    page.keyboard.press("Enter")
    expect(selector(page, "First")).to_contain_text("Gamma")
    expect(selector(page, "First")).to_be_focused()
    expect(page.get_by_label("Toasts")).to_contain_text("Gamma")
    assert world.target() == "gamma"


def test_a_choice_shows_at_once_and_is_taken_back(world: World, page: Page) -> None:
    """The server's key for Zeta goes between the list and the click, as if the answer came late."""
    asked: list[Route] = []
    page.route("**/models/select", lambda route: asked.append(route))
    selector(page, "First").click()
    page.get_by_role("option", name="Zed").click()
    for name in ("First", "Second"):
        expect(selector(page, name)).to_contain_text("Zed")
        expect(selector(page, name)).to_have_attribute("aria-busy", "true")
    for name in ("w1", "w2"):
        world.fleet.say(name, unset=("ZETA_KEY",))
    asked[0].continue_()
    expect(page.get_by_label("Toasts")).to_contain_text("error | ")
    expect(page.get_by_label("Toasts")).to_contain_text("ZETA_KEY")
    expect(selector(page, "First")).to_contain_text("Alpha")
    expect(selector(page, "First")).to_have_attribute("aria-busy", "false")
    selector(page, "First").click()
    expect(page.get_by_role("option", name="Zed")).to_contain_text("ZETA_KEY")
    assert world.target() == "alpha"


def test_what_others_do_appears(world: World, page: Page) -> None:
    world.plane.select("gamma", actor="ana")
    for name in ("First", "Second"):
        expect(selector(page, name)).to_contain_text("Gamma")
    page.get_by_role("button", name="Toggle second").click()
    expect(selector(page, "Second")).to_have_count(0)
    world.plane.select("zed")
    expect(selector(page, "First")).to_contain_text("Zed")
    page.get_by_role("button", name="Toggle second").click()
    expect(selector(page, "Second")).to_contain_text("Zed")


def test_a_worker_that_does_not_follow_is_told(world: World, page: Page) -> None:
    world.fleet.deafen("w2")
    selector(page, "First").click()
    page.get_by_role("option", name="Gamma").click()
    expect(page.get_by_label("Toasts")).to_contain_text("1 of 2 workers follow. w2: ")


def test_refresh_asks_the_server_to_read_again(page: Page) -> None:
    page.get_by_role("button", name="Refresh", exact=True).click()
    expect(page.get_by_label("Direct")).to_contain_text("alpha settled true")


def test_a_server_that_goes_and_comes_back(build: Callable[..., World], go: Callable[..., Page], origin: str) -> None:
    world = build({"acme": ACME, "zeta": ZETA}, ROUTES, MODELCTL_CORS_ORIGINS=origin)
    page = go(world)
    expect(selector(page, "First")).to_contain_text("Alpha")
    world.plane.process.kill()
    expect(page.get_by_role("alert").first).to_have_text("the control plane does not answer")
    expect(selector(page, "First")).to_have_accessible_description("the control plane does not answer")
    page.get_by_role("button", name="Select Zed").click()
    expect(page.get_by_label("Direct")).to_contain_text("alpha settled false")
    expect(selector(page, "First")).to_contain_text("Alpha")
    world.plane.start()
    world.plane.select("gamma")
    page.evaluate("dispatchEvent(new Event('online'))")  # rather than when the wait is over
    expect(selector(page, "First")).to_contain_text("Gamma", timeout=20_000)
    expect(page.get_by_role("alert")).to_have_count(0)


def test_a_server_that_is_not_there_yet(build: Callable[..., World], go: Callable[..., Page], origin: str) -> None:
    world = build({"acme": ACME}, ROUTES, MODELCTL_CORS_ORIGINS=origin)
    world.plane.process.kill()
    page = go(world)
    expect(page.get_by_role("alert").first).to_have_text("the control plane does not answer")
    expect(selector(page, "First")).to_be_disabled()
    world.plane.start()
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(selector(page, "First")).to_contain_text("Alpha", timeout=20_000)


@pytest.mark.parametrize("version", VERSIONS)
def test_axe_finds_nothing(world: World, go: Callable[..., Page], version: int) -> None:
    page = go(world, version)
    expect(selector(page, "First")).to_contain_text("Alpha")
    assert violations(page) == []
    selector(page, "First").click()
    expect(page.get_by_role("option").first).to_be_visible()
    assert {one.partition(":")[0] for one in violations(page)} <= WHILE_OPEN
