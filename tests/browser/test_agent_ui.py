"""The selector made for agent-ui, installed by the shadcn CLI among agent-ui's colours and its select's classes."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from support.browser import violations
from support.page import ACME, ROUTES, ZETA, World
from support.react import bundle, installed, site, styles

# Of every element with text of its own: its words and the contrast of their colour with what lies behind.
CONTRASTS = """root => {
  const paint = document.createElement('canvas').getContext('2d', {willReadFrequently: true})
  const parts = color => { paint.clearRect(0, 0, 1, 1); paint.fillStyle = color; paint.fillRect(0, 0, 1, 1)
    const [r, g, b, a] = paint.getImageData(0, 0, 1, 1).data; return [r, g, b, a / 255] }
  const over = ([r, g, b, a], [R, G, B]) => [r * a + R * (1 - a), g * a + G * (1 - a), b * a + B * (1 - a)]
  const chain = element => element ? [...chain(element.parentElement), element] : []
  const ground = element => chain(element).reduce((below, each) =>
    over(parts(getComputedStyle(each).backgroundColor), below), [255, 255, 255])
  const opacity = element => chain(element).reduce((so, each) => so * getComputedStyle(each).opacity, 1)
  const light = color => {
    const [r, g, b] = color.map(c => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b }
  const contrast = element => { const behind = ground(element), [r, g, b, a] = parts(getComputedStyle(element).color)
    const [low, high] = [light(over([r, g, b, a * opacity(element)], behind)), light(behind)].sort((x, y) => x - y)
    return (high + 0.05) / (low + 0.05) }
  return [...root.querySelectorAll('*')].filter(each => [...each.childNodes].some(
    node => node.nodeType === 3 && node.data.trim())).map(each => [each.textContent, contrast(each)])
}"""
WHILE_OPEN = {"aria-hidden-focus", "landmark-one-main", "page-has-heading-one", "region"}
SOON = {"lifecycle": {"status": "deprecated", "retires": "2099-12-31", "successor": "alpha"}}


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("agent-ui")
    project = installed(folder, "agent-ui", "agent-ui-model-selector")
    bundle(project, folder / "site", 18, project / "src/app/main.tsx")
    styles(project, folder / "site" / "page.css")
    with site(folder / "site") as origin:
        yield origin


@pytest.fixture
def world(build: Callable[..., World], origin: str) -> World:
    old = {**ACME, "models": {**ACME["models"], "gamma": {**ACME["models"]["gamma"], **SOON}}}
    return build({"acme": old, "zeta": ZETA}, ROUTES, MODELCTL_CORS_ORIGINS=origin)


@pytest.fixture
def page(browser: Browser, world: World, origin: str) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(10_000)
    page = context.new_page()
    page.goto(f"{origin}/?server={world.plane.url}")
    expect(page.get_by_role("combobox")).to_contain_text("Alpha")
    yield page
    context.close()


def test_the_page_measures_contrast_right(page: Page) -> None:
    page.set_content('<div style="background:#fafafa"><p style="color:#f5f5f5">white on white</p></div>')
    ((_, contrast),) = page.locator("div").evaluate(CONTRASTS)
    assert 1.0 < contrast < 1.1


def test_every_word_can_be_read_and_the_popup_stays_small(world: World, page: Page, tmp_path: Path) -> None:
    for name in ("w1", "w2"):
        world.fleet.say(name, unset=("ZETA_KEY",))
    field, trigger = page.get_by_test_id("field").bounding_box(), page.get_by_role("combobox").bounding_box()
    assert field
    assert trigger
    assert trigger["height"] == field["height"] == 36
    page.get_by_role("combobox").click()
    popup = page.get_by_role("dialog", name="Model")
    expect(popup).to_contain_text("ZETA_KEY is not set")
    for part in ("128k · $1.00 in · $2.00 out", "Vision", "Reasoning", "Streaming", "Tools", "retires 2099-12-31"):
        expect(popup).to_contain_text(part)
    page.screenshot(path=os.environ.get("MODELCTL_PICTURE") or tmp_path / "agent-ui.png")
    read = popup.evaluate(CONTRASTS) + page.locator("aside").evaluate(CONTRASTS)
    assert len(read) > 20
    assert [(words, round(contrast, 2)) for words, contrast in read if contrast < 4.5] == []
    box = popup.bounding_box()
    assert box
    assert box["width"] <= 320
    assert {one.partition(":")[0] for one in violations(page)} <= WHILE_OPEN


def test_it_switches_and_a_refusal_is_a_toast_without_any_setting(world: World, page: Page) -> None:
    page.get_by_role("combobox").click()
    page.get_by_role("option", name="Zed").click()
    expect(page.get_by_text("active is now Zed")).to_be_visible()
    expect(page.get_by_test_id("store")).to_have_text("2 providers, Zed")

    def late(route: Route) -> None:
        """The key goes between the list and the click."""
        for name in ("w1", "w2"):
            world.fleet.say(name, unset=("ACME_KEY",))
        route.continue_()

    page.route("**/models/select", late)
    page.get_by_role("combobox").click()
    page.get_by_role("option", name=re.compile("^Alpha")).click()  # others say "use alpha"
    expect(page.get_by_text("Failed to switch model")).to_be_visible()
    expect(page.get_by_text("ACME_KEY is not set on the workers", exact=False).first).to_be_visible()
    expect(page.get_by_role("combobox")).to_contain_text("Zed")


def test_the_store_reads_and_switches(world: World, page: Page) -> None:
    expect(page.get_by_test_id("store")).to_have_text("2 providers, Alpha")
    page.get_by_role("button", name="Gamma through the store").click()
    expect(page.get_by_role("combobox")).to_contain_text("Gamma")
    expect(page.get_by_test_id("store")).to_have_text("2 providers, Gamma")
    expect(page.get_by_role("combobox")).to_have_attribute("aria-busy", "false")  # the server has answered
    assert world.target() == "gamma"
