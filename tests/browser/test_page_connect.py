"""Connect on the page: what each client must be told, as the terminal prints it, to copy; never a key."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from modelctl import client_configs
from support.browser import violations
from support.page import ACME, ROUTES, World

KEY = "sk-must-not-be-shown-0123456789"
PROXY = "http://127.0.0.1:9"


@pytest.fixture
def connected(build: Callable[..., World]) -> World:
    return build({"acme": ACME}, ROUTES, MODELCTL_PROXY=PROXY, LITELLM_MASTER_KEY=KEY)


def section(page: Page) -> Locator:
    return page.locator("#section-connect")


def blocks(page: Page) -> dict[str, str]:
    """Title -> text of what can be copied."""
    found = section(page).locator(".code-block")
    return {one.get_by_role("heading").inner_text(): one.locator("pre").inner_text() for one in found.all()}


def choose(page: Page, client: str) -> None:
    section(page).get_by_label("Client").select_option(client)
    expect(section(page).locator("[aria-busy]")).to_have_attribute("aria-busy", "false")


def test_code_for_the_first_route_in_three_languages(connected: World) -> None:
    page = connected.visit(permissions=["clipboard-read", "clipboard-write"]).open("connect")
    expect(section(page).locator(".code-block")).to_have_count(3)
    code = blocks(page)
    assert list(code) == ["curl", "Python", "JavaScript"]
    for text in code.values():
        assert f"{PROXY}/v1" in text
        assert "active" in text
        assert client_configs.KEY in text
    section(page).get_by_role("button", name="Copy Python").click()
    expect(section(page).get_by_role("button", name="Copied Python")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()").strip() == code["Python"].strip()


def test_every_client_is_told_what_the_terminal_prints_and_never_the_key(connected: World) -> None:
    page = connected.visit().open("connect")
    which = section(page).get_by_label("Client")
    expect(which.locator("option")).to_have_count(1 + len(client_configs.CLIENTS))
    for name in client_configs.CLIENTS:
        choose(page, name)
        config = connected.plane.http.get(f"/connect/{name}").json()
        wanted = [file["text"] for file in config["files"]] + ["\n".join(config["lines"])] * bool(config["lines"])
        expect(section(page).locator(".code-block")).to_have_count(len(wanted) + bool(config["files"]))
        shown = [text.strip() for text in blocks(page).values()]
        assert all(text.strip() in shown for text in wanted), name
        assert all(file["path"] in blocks(page) for file in config["files"]), name
        assert (f"modelctl client {name} --write" in shown) is bool(config["files"])
        for note in config["notes"]:
            expect(section(page)).to_contain_text(note.replace("`", ""))
        assert KEY not in page.content(), name
        expect(section(page)).to_contain_text(f"Set {client_configs.KEY} first")


def test_what_the_catalog_offers_is_followed(connected: World) -> None:
    page = connected.visit().open("connect")
    choose(page, "opencode")
    expect(section(page).locator("pre").last).to_contain_text('"name": "Alpha"')
    file = connected.catalog / "providers" / "acme.yaml"
    file.write_text(file.read_text().replace("Alpha", "Alpha the Second"))
    expect(section(page).locator("pre").last).to_contain_text("Alpha the Second")


def test_what_cannot_be_configured_yet_says_why_in_place(build: Callable[..., World]) -> None:
    page = build({}).visit().open("connect")
    choose(page, "opencode")
    expect(section(page).locator(".wrong")).to_contain_text("nothing has been published yet")
    expect(page.locator(".toast")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_for_everyone_and_every_screen(world: World, scheme: str, width: int) -> None:
    page = world.visit(color_scheme=scheme, viewport={"width": width, "height": 900}).open("connect")
    for name in ("code", "opencode", "continue"):
        section(page).get_by_label("Client").select_option(name)
        expect(section(page).locator(".code-block").first).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") == width
        assert violations(page) == []
