"""For everyone and every screen: axe finds nothing, nothing scrolls sideways, 1,000 models stay smooth."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from support.browser import PageWork, violations, work_of
from support.page import CHAT, World

SECTIONS = ("models", "routes", "chat", "compare", "presets", "custom", "connect", "usage", "history", "status")


ROWS = 1000


def little(work: PageWork) -> bool:
    """As much as it takes to look at every row once and to show some: nothing that grows with rows times rows."""
    return work.calls <= 500 * ROWS and work.styled <= 5 * ROWS and work.laid_out <= 6 * ROWS


def busy(world: World) -> None:
    """Something to see in every section."""
    world.plane.select("zed", actor="ana", reason="a trial")
    world.plane.select("beta", actor="ben", reason="forced", force=True, **{"for": 3600})
    world.fleet.say("w1", unset=("ZETA_KEY",), restart_needed=("general_settings.master_key",))
    world.fleet.say("w2", error="beta: unknown parameter `tempo`")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_axe_finds_nothing(world: World, scheme: str, width: int) -> None:
    busy(world)
    page = world.visit(color_scheme=scheme, viewport={"width": width, "height": 900}).open()
    for section in SECTIONS:
        page.goto(f"/#{section}")
        expect(page.locator(f"#section-{section}")).to_be_visible()
        assert violations(page) == [], section


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_what_opens(world: World, scheme: str) -> None:
    page = world.visit(color_scheme=scheme, reduced_motion="reduce").open()
    page.locator('.row[data-key="acme/gamma"]').click()
    expect(page.locator(".toast")).to_be_visible()
    page.locator('.row[data-key="acme/beta"]').click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.locator('.row[data-key="acme/alpha"] .more').click()
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.goto("/#routes")
    page.locator("model-selector button").first.click()
    expect(page.locator("model-selector [role=option]").first).to_be_visible()
    assert violations(page) == []


@pytest.mark.parametrize("section", SECTIONS)
def test_nothing_scrolls_sideways_on_a_phone(world: World, section: str) -> None:
    busy(world)
    page = world.visit(viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True).open(section)
    expect(page.locator(f"#section-{section}")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    controls = page.locator("button:visible, a:visible, select:visible, input:visible").locator("visible=true")
    boxes = [box for one in controls.all() if (box := one.bounding_box())]
    assert max(box["x"] + box["width"] for box in boxes) <= 390


@pytest.mark.parametrize("width", [1280, 1920, 2560])
def test_the_bar_begins_and_ends_where_the_content_does(world: World, width: int) -> None:
    page = world.visit(viewport={"width": width, "height": 900}).open("routes")
    inner = "one => { const box = one.getBoundingClientRect(), style = getComputedStyle(one);"
    inner += " return [box.left + parseFloat(style.paddingLeft), box.right - parseFloat(style.paddingRight)] }"
    bar, main = page.locator(".bar").evaluate(inner), page.locator("main").evaluate(inner)
    assert bar == main
    assert main[1] - main[0] >= 0.7 * width


def test_every_style_sheet_arrives(page: Page) -> None:
    rules = page.evaluate("[...document.styleSheets].map((sheet) => sheet.cssRules.length)")
    assert len(rules) == page.locator("link[rel=stylesheet]").count()
    assert all(rules), rules


def test_the_theme_can_be_chosen_and_is_remembered(world: World) -> None:
    page = world.visit(color_scheme="light").open()
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.locator("#theme").click()
    page.locator("#theme").click()
    expect(page.locator("#theme")).to_have_attribute("aria-label", "Theme: dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != ground


def test_an_empty_catalog_says_how_to_begin(build: Callable[..., World]) -> None:
    world = build({})
    page = world.visit().open()
    expect(page.get_by_role("heading", name="No models yet")).to_be_visible()
    page.goto("/#routes")
    expect(page.get_by_role("heading", name="No routes yet")).to_be_visible()
    page.goto("/#status")
    expect(page.locator("#section-status")).to_be_visible()


SCROLL = """async () => {
  for (let at = 0; at < document.documentElement.scrollHeight; at += 400) {
    scrollTo(0, at);
    await new Promise((resolve) => {
      requestAnimationFrame(() => setTimeout(resolve));
      setTimeout(resolve, 1000);  // a browser that nobody sees may draw no frame
    });
  }
}"""


@pytest.fixture
def thousand(build: Callable[..., World]) -> Page:
    def model(at: int) -> dict[str, object]:
        prices = {"input": at % 7, "output": at % 30}
        return {
            **CHAT,
            "name": f"Model {at}",
            "description": "One of many.",
            "context_window": 1000 * at,
            "price": prices,
        }

    head = {"litellm_provider": "openai", "api_base": "http://localhost:9/v1", "api_key": "none"}
    providers = {
        f"p{of}": {"name": f"Provider {of}", **head, "models": {f"p{of}-m{at}": model(at + 1) for at in range(50)}}
        for of in range(20)
    }
    page = build(providers, {"active": {"target": "p0-m0"}}).visit(viewport={"width": 1440, "height": 900}).open()
    expect(page.locator(".row")).to_have_count(1000)
    return page


def test_a_keystroke_among_a_thousand_models_is_little_work(thousand: Page) -> None:
    search = thousand.locator("#search")
    for text in ("model 12", "p3", "zzz"):
        work = work_of(thousand, lambda text=text: search.press_sequentially(text))
        assert little(work), (text, work)
        back = work_of(thousand, lambda: (search.press("Escape"), all_there(thousand)))
        assert little(back), (text, back)


def all_there(page: Page) -> None:
    expect(page.locator(".row:not([hidden])")).to_have_count(1000)


def test_scrolling_through_a_thousand_models_runs_hardly_any_script(thousand: Page) -> None:
    work = work_of(thousand, lambda: thousand.evaluate(SCROLL))
    assert work.calls <= 2 * ROWS, work  # the browser scrolls by itself
    assert work.laid_out <= 80 * ROWS, work  # each row, with all that is in it, about once
    assert thousand.evaluate("scrollY") > 30_000


def test_a_switch_among_a_thousand_models_is_little_work(thousand: Page) -> None:
    def switch() -> None:
        thousand.locator('.row[data-key="p1/p1-m3"]').click()
        expect(thousand.locator(".card[data-route=active] .model")).to_have_text("Model 4")

    work = work_of(thousand, switch)
    assert little(work), work
