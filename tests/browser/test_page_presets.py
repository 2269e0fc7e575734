"""Presets on the page: saved into the catalog, applied as a switch, removed; two people at once."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from support.browser import violations
from support.page import World

SCRIPT = "<script>window.ran = 1</script>"


def section(page: Page) -> Locator:
    return page.locator("#section-presets")


def save(page: Page, name: str, model: str = "gamma", **fields: str) -> None:
    section(page).get_by_role("button", name="New preset").click()
    form = page.get_by_role("form", name="Preset")
    form.get_by_label("Name").fill(name)
    form.locator("[name=model]").select_option(model)
    for label, value in fields.items():
        form.get_by_label(label).fill(value)
    form.get_by_role("button", name="Save preset").click()


def test_saved_applied_and_undone(workshop: World) -> None:
    page = workshop.visit().open("presets")
    expect(section(page)).to_contain_text("No presets yet")
    save(page, "calm", Description="for prose")
    written = page.get_by_role("region", name="calm is saved")
    expect(written).to_contain_text("+calm:")
    expect(written).to_contain_text("git commit -m 'catalog: add preset calm'")
    assert "description: for prose" in (workshop.catalog / "presets.yaml").read_text()
    section(page).get_by_role("button", name="Apply calm").click()
    expect(page.locator(".toast")).to_contain_text("active → gamma")
    expect(section(page).locator("[data-preset=calm]")).to_contain_text("active runs it")
    expect(section(page).get_by_role("button", name="Apply calm")).to_have_count(0)
    assert (workshop.target(), workshop.history()[0]["reason"]) == ("gamma", "preset calm")
    page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(section(page).locator("[data-preset=calm]")).not_to_contain_text("active runs it")
    assert workshop.target() == "alpha"


def test_its_yaml_can_be_copied(workshop: World) -> None:
    page = workshop.visit(permissions=["clipboard-read", "clipboard-write"]).open("presets")
    save(page, "calm", Description="for prose")
    card = section(page).locator("[data-preset=calm]")
    card.get_by_text("YAML", exact=True).click()
    card.get_by_role("button", name="Copy").click()
    expect(card.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == (workshop.catalog / "presets.yaml").read_text()


def test_edited_and_removed(workshop: World) -> None:
    page = workshop.visit().open("presets")
    save(page, "calm", Description="for prose")
    section(page).get_by_role("button", name="Edit calm").click()
    form = page.get_by_role("form", name="Preset")
    expect(form.get_by_label("Description")).to_have_value("for prose")
    form.get_by_label("Description").fill("for verse")
    form.get_by_role("button", name="Save preset").click()
    expect(section(page).locator("[data-preset=calm]")).to_contain_text("for verse")
    section(page).get_by_role("button", name="Remove calm").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.get_by_role("region", name="calm is removed")).to_contain_text("-calm:")
    expect(section(page)).to_contain_text("No presets yet")


def test_parameters_that_a_switch_does_not_send_are_neither_shown_nor_lost(workshop: World) -> None:
    """They are for programs that read them from the API; on the page they would promise what Apply does not do."""
    body = {"name": "calm", "model": "gamma", "params": {"temperature": 0.2}}
    workshop.plane.http.post("/presets", json=body).raise_for_status()
    page = workshop.visit().open("presets")
    card = section(page).locator("[data-preset=calm]")
    expect(card).to_contain_text("1M context · $10.00 in · $50.00 out · Reasoning, Streaming, Tools")
    expect(card.locator(".head, .what, p").filter(has_text="temperature")).to_have_count(0)
    section(page).get_by_role("button", name="Edit calm").click()
    form = page.get_by_role("form", name="Preset")
    expect(form.get_by_label("Temperature")).to_have_count(0)
    form.get_by_label("Description").fill("for prose")
    form.get_by_role("button", name="Save preset").click()
    expect(page.get_by_role("region", name="calm is saved")).to_contain_text("+  description: for prose")
    (preset,) = workshop.plane.http.get("/presets").json()
    assert preset["params"] == {"temperature": 0.2}
    section(page).get_by_role("button", name="Apply calm").click()
    expect(page.locator(".toast")).to_contain_text("active → gamma")
    expect(page.locator(".toast")).not_to_contain_text("arameter")


def test_a_preset_is_committed_without_a_render_that_it_does_not_change(workshop: World) -> None:
    (workshop.catalog.parent / "litellm_config.yaml").write_text("model_list: []\n")
    page = workshop.visit().open("presets")
    save(page, "calm")
    written = page.get_by_role("region", name="calm is saved")
    expect(written).to_contain_text("git add -- catalog/presets.yaml")
    expect(written).not_to_contain_text("modelctl render")


def test_two_who_save_the_same_see_both_texts(workshop: World) -> None:
    page = workshop.visit().open("presets")
    workshop.plane.http.post("/presets", json={"name": "calm", "model": "zed"}).raise_for_status()
    save(page, "calm", Description="for prose")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("region", name="Yours")).to_contain_text("model: gamma")
    expect(dialog.get_by_role("region", name="Theirs")).to_contain_text("model: zed")
    assert violations(page) == []
    dialog.get_by_role("radio", name="Mine: ").check()
    dialog.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("region", name="calm is saved")).to_be_visible()
    assert workshop.plane.http.get("/presets").json()[0]["public_name"] == "gamma"


def test_a_refusal_offers_force(workshop: World) -> None:
    page = workshop.visit().open("presets")
    save(page, "small", "beta")
    section(page).get_by_role("button", name="Apply small").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("tools")
    dialog.get_by_role("button", name="Force").click()
    expect(page.locator(".toast")).to_contain_text("active → beta")
    assert workshop.target() == "beta"


@pytest.mark.parametrize(
    ("name", "model", "said"),
    [
        ("", "gamma", "Give it a name"),
        ("calm", "", "Choose a model"),
    ],
)
def test_what_cannot_be_saved_is_said_in_place(workshop: World, name: str, model: str, said: str) -> None:
    page = workshop.visit().open("presets")
    save(page, name, model)
    expect(section(page).locator("form .wrong").last).to_contain_text(said)
    assert not (workshop.catalog / "presets.yaml").exists()


def test_script_stays_text(workshop: World) -> None:
    workshop.plane.http.post(
        "/presets", json={"name": SCRIPT, "model": "zed", "description": SCRIPT, "params": {SCRIPT: SCRIPT}}
    ).raise_for_status()
    page = workshop.visit(viewport={"width": 390, "height": 844}).open("presets")
    expect(section(page).get_by_role("heading", name=SCRIPT)).to_be_visible()
    section(page).get_by_role("button", name="Apply").click()
    expect(page.locator(".toast")).to_contain_text("active → zed")
    assert page.evaluate("window.ran") is None
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_by_keyboard_alone(workshop: World) -> None:
    page = workshop.visit().open("presets")
    section(page).get_by_role("button", name="New preset").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("form", name="Preset").get_by_label("Name")).to_be_focused()
    page.keyboard.type("calm")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="calm is saved")).to_be_focused()
    section(page).get_by_role("button", name="Edit calm").press("Enter")
    expect(page.get_by_role("form", name="Preset").locator("[name=model]")).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_for_everyone_and_every_screen(workshop: World, scheme: str, width: int) -> None:
    page = workshop.visit(color_scheme=scheme, viewport={"width": width, "height": 900}).open("presets")
    save(page, "calm", Description="w" * 300)
    section(page).get_by_text("YAML", exact=True).click()
    section(page).get_by_role("button", name="New preset").click()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert violations(page) == []
