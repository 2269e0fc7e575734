"""Custom models on the page: from the form to a file, checked while it is filled in, never with a key."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from playwright.sync_api import Locator, Page, expect

from support.browser import violations
from support.page import ACME, ROUTES, World
from support.upstream import Upstream

SCRIPT = "<script>window.ran = 1</script>"
TRY_MS = 90_000
BY_HAND = "# Ours. Ask Ann.\nname: Quick  # as the team says\nmode: chat\ncontext_window: 32000\nprice: {input: 1}\n"


def quick(world: World) -> Path:
    return world.catalog / "providers" / "acme" / "quick.yaml"


def form(page: Page) -> Locator:
    return page.get_by_role("form", name="Custom model")


def at(page: Page, key: str) -> Locator:
    """The model's field for a key of its file."""
    return form(page).locator(f".model-fields [name={key}]")


def verdict(page: Page) -> Locator:
    return form(page).locator(".verdict").first


def begin(page: Page, id: str = "quick", provider: str = "acme") -> None:
    page.get_by_role("button", name="Add a model").click()
    form(page).locator("[name=provider]").select_option(provider)
    form(page).locator("[name=id]").fill(id)


def save(page: Page) -> None:
    form(page).get_by_role("button", name="Save model").click()


def by_hand(world: World, text: str = BY_HAND) -> None:
    quick(world).parent.mkdir(exist_ok=True)
    quick(world).write_text(text)
    world.plane.http.post("/models/refresh", json={}).raise_for_status()


def test_from_the_form_to_a_file_and_its_commit(workshop: World) -> None:
    page = workshop.visit(permissions=["clipboard-read", "clipboard-write"]).open("custom")
    begin(page)
    at(page, "name").fill("Quick")
    at(page, "context_window").fill("32000")
    at(page, "supports_tools").select_option("yes")
    form(page).get_by_role("group", name="Price").get_by_label("Input", exact=True).fill("1.5")
    at(page, "tags").fill("chat, cheap")
    expect(verdict(page)).to_contain_text("Ready to save.")
    expect(form(page).locator(".diff")).to_contain_text("+context_window: 32000")
    assert not quick(workshop).exists(), "a check writes nothing"
    save(page)
    done = page.get_by_role("region", name="acme/quick is saved")
    expect(done).to_contain_text("2 of 2 workers run it")
    expect(done.get_by_role("heading", name="acme/quick is saved")).to_be_focused()
    assert quick(workshop).read_text() == (
        "name: Quick\ncontext_window: 32000\ntags: [chat, cheap]\nprice: {input: 1.5}\nsupports_tools: true\n"
    )
    done.get_by_role("button", name="Copy Commands to commit").click()
    expect(done.get_by_role("button", name="Copied Commands to commit")).to_be_visible()
    commands = page.evaluate("navigator.clipboard.readText()")
    who = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
    subprocess.run(commands.replace("git commit", f"git {' '.join(who)} commit"), shell=True, check=True)
    log = subprocess.run(["git", "log", "--name-only"], cwd=workshop.catalog.parent, capture_output=True, text=True)
    assert "providers/acme/quick.yaml" in log.stdout
    page.goto("/#models")
    expect(page.locator('.row[data-key="acme/quick"]')).to_be_visible()


def test_a_new_provider_with_its_first_model(workshop: World) -> None:
    page = workshop.visit().open("custom")
    page.get_by_role("button", name="Add a model").click()
    form(page).locator("[name=provider]").select_option(label="a new one…")
    new = form(page).get_by_role("group", name="New provider")
    new.get_by_label("Provider id").fill("lab")
    new.get_by_label("LiteLLM provider").fill("custom_openai")
    new.get_by_label("API base").fill("http://127.0.0.1:9/v1")
    new.get_by_label("Variable that holds the key").fill("LAB_KEY")
    form(page).locator("[name=id]").fill("tuned")
    save(page)
    expect(page.get_by_role("region", name="lab/tuned is saved")).to_contain_text("providers/lab.yaml")
    assert "api_key: os.environ/LAB_KEY" in (workshop.catalog / "providers" / "lab.yaml").read_text()


def test_a_problem_is_told_at_its_field_with_file_and_line(workshop: World) -> None:
    page = workshop.visit().open("custom")
    begin(page)
    at(page, "context_window").fill("32000")
    form(page).locator(".model-fields summary").click()
    fallbacks = at(page, "fallbacks")
    fallbacks.fill("nope")
    expect(form(page).locator(".problem")).to_contain_text("quick.yaml:2")
    expect(fallbacks).to_have_attribute("aria-invalid", "true")
    expect(form(page).locator("[data-field=fallbacks] .wrong")).to_contain_text("nope")
    save(page)
    expect(fallbacks).to_be_focused()
    assert not quick(workshop).exists()
    fallbacks.fill("alpha")
    expect(verdict(page)).to_contain_text("Ready to save.")
    expect(fallbacks).not_to_have_attribute("aria-invalid", "true")


def test_what_is_missing_is_said_where_it_is_missing(workshop: World) -> None:
    page = workshop.visit().open("custom")
    page.get_by_role("button", name="Add a model").click()
    save(page)
    provider = form(page).locator("[name=provider]")
    expect(provider).to_be_focused()
    expect(provider).to_have_attribute("aria-invalid", "true")
    expect(form(page).locator("[data-field=provider] .wrong")).to_have_text("Choose a provider.")
    expect(form(page).locator("[data-field=id] .wrong")).to_have_text("Give the model an id.")
    provider.select_option("acme")
    form(page).locator("[name=id]").fill("quick")
    expect(verdict(page)).to_contain_text("Ready to save.")
    expect(form(page).locator("[aria-invalid]")).to_have_count(0)


def test_the_first_of_several_mistakes_takes_the_focus_also_where_it_is_folded(workshop: World) -> None:
    page = workshop.visit().open("custom")
    begin(page)
    form(page).locator(".model-fields summary").click()
    at(page, "fallbacks").fill("nope")
    at(page, "context_window").fill("1.5")
    expect(form(page).locator("[data-field=context_window] .wrong")).to_have_text("must be a whole number")
    save(page)
    expect(at(page, "context_window")).to_be_focused()
    at(page, "context_window").fill("")
    expect(form(page).locator("[data-field=fallbacks] .wrong")).to_contain_text("nope")
    form(page).locator(".model-fields summary").click()
    expect(at(page, "fallbacks")).to_be_hidden()
    save(page)
    expect(at(page, "fallbacks")).to_be_focused()


def test_a_mistake_in_a_new_provider_stands_at_its_field(workshop: World) -> None:
    page = workshop.visit().open("custom")
    page.get_by_role("button", name="Add a model").click()
    form(page).locator("[name=provider]").select_option(label="a new one…")
    new = form(page).get_by_role("group", name="New provider")
    new.get_by_label("Provider id").fill("../lab")
    form(page).locator("[name=id]").fill("tuned")
    expect(new.locator("[data-field=new_provider_id] .wrong")).to_contain_text("cannot be the id of a provider")
    save(page)
    expect(new.get_by_label("Provider id")).to_be_focused()


def test_a_model_starts_from_what_is_known_of_another(workshop: World) -> None:
    page = workshop.visit().open("custom")
    begin(page)
    form(page).get_by_label("Start from").select_option("gamma")
    expect(at(page, "context_window")).to_have_value("1000000")
    expect(at(page, "is_reasoning")).to_have_value("yes")
    expect(at(page, "name")).to_have_value("")
    expect(verdict(page)).to_contain_text("Ready to save.")
    save(page)
    expect(page.get_by_role("region", name="acme/quick is saved")).to_be_visible()
    assert yaml.safe_load(quick(workshop).read_text()) == {
        "mode": "chat", "context_window": 1000000, "price": {"input": 10, "output": 50}, "supports_streaming": True,
        "supports_tools": True, "is_reasoning": True,
    }  # fmt: skip


@pytest.mark.parametrize("key", ["sk-live-0123456789abcdef", "AKIA0123456789ABCDEF", "hunter2"])
def test_a_key_never_leaves_the_browser(workshop: World, key: str) -> None:
    page = workshop.visit().open("custom")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.post_data or ""))
    begin(page)
    form(page).locator(".model-fields summary").click()
    field = at(page, "api_key")
    field.fill(key)
    expect(verdict(page)).to_contain_text("only the name of a variable")
    save(page)
    expect(field).to_be_focused()
    expect(form(page).get_by_role("button", name="Send a test request")).to_be_disabled()
    assert key not in "".join(sent)
    assert not quick(workshop).exists()


def test_a_key_in_yaml_is_refused_and_not_repeated(workshop: World) -> None:
    page = workshop.visit().open("custom")
    begin(page)
    form(page).get_by_role("button", name="Edit as YAML").click()
    form(page).get_by_label("The file's YAML").fill("api_key: sk-live-0123456789abcdef\n")
    expect(form(page).locator(".problem")).to_contain_text("literal-secret")
    expect(form(page).locator(".preview")).not_to_contain_text("0123456789")
    save(page)
    expect(verdict(page)).to_be_focused()
    assert not quick(workshop).exists()


@pytest.mark.parametrize("id", ["../../etc/x", SCRIPT, "alpha"])
def test_an_id_that_may_not_be_says_why(workshop: World, id: str) -> None:
    page = workshop.visit().open("custom")
    begin(page, id)
    expect(form(page).locator(".problem")).to_contain_text(
        "stands among others" if id == "alpha" else "cannot be the id"
    )
    expect(form(page).locator(".problem .pill")).to_have_text("refused" if id == "alpha" else "not valid")
    field = form(page).locator("[name=id]")
    expect(field).to_have_attribute("aria-invalid", "true")
    said = form(page).locator(f"[id='{str(field.get_attribute('aria-describedby')).split()[0]}']")
    expect(said).to_contain_text("stands among others" if id == "alpha" else "cannot be the id")
    save(page)
    expect(field).to_be_focused()
    assert not quick(workshop).parent.exists()
    assert page.evaluate("window.ran") is None


def test_an_edit_keeps_comments_and_what_has_no_field(workshop: World) -> None:
    by_hand(workshop, BY_HAND + "id: other\nx-note: ours\n")
    page = workshop.visit().open("custom")
    page.get_by_role("button", name="Edit acme/quick").click()
    expect(at(page, "name")).to_have_value("Quick")
    at(page, "context_window").fill("64000")
    expect(form(page).locator(".diff")).to_contain_text("+context_window: 64000")
    save(page)
    expect(page.get_by_role("region", name="acme/quick is saved")).to_be_visible()
    assert quick(workshop).read_text() == BY_HAND.replace("32000", "64000") + "id: other\nx-note: ours\n"


def test_two_who_edit_the_same_model_see_both_texts(workshop: World) -> None:
    by_hand(workshop)
    page = workshop.visit().open("custom")
    page.get_by_role("button", name="Edit acme/quick").click()
    at(page, "name").fill("Mine")
    expect(verdict(page)).to_contain_text("Ready to save.")
    by_hand(workshop, BY_HAND.replace("name: Quick", "name: Theirs"))
    save(page)
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("region", name="Yours")).to_contain_text("name: Mine")
    expect(dialog.get_by_role("region", name="Theirs")).to_contain_text("name: Theirs")
    assert "Theirs" in quick(workshop).read_text()
    assert violations(page) == []
    dialog.get_by_role("button", name="Continue").click()
    expect(at(page, "name")).to_have_value("Theirs")
    at(page, "name").fill("Mine")
    save(page)
    expect(page.get_by_role("region", name="acme/quick is saved")).to_be_visible()
    assert "name: Mine  # as the team says" in quick(workshop).read_text()


def test_removed(workshop: World) -> None:
    by_hand(workshop)
    page = workshop.visit().open("custom")
    page.get_by_role("button", name="Remove acme/quick").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.get_by_role("region", name="acme/quick is removed")).to_contain_text("-name: Quick")
    expect(page.locator("#section-custom")).to_contain_text("No custom models yet")
    assert not quick(workshop).exists()


def test_a_protected_model_goes_only_by_force(workshop: World) -> None:
    by_hand(workshop, BY_HAND + "protected: true\n")
    page = workshop.visit().open("custom")
    page.get_by_role("button", name="Remove acme/quick").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    page.get_by_role("dialog").get_by_role("button", name="Force").click()
    expect(page.get_by_role("region", name="acme/quick is removed")).to_be_visible()
    assert not quick(workshop).exists()


def test_a_real_request_before_anything_is_saved(build: Callable[..., World], upstream: Upstream) -> None:
    world = build({"acme": {**ACME, "api_base": upstream.base()}}, ROUTES, ACME_KEY="sk-of-the-test")
    upstream.behave("quick", text=SCRIPT, pieces=1)
    page = world.visit().open("custom")
    begin(page)
    at(page, "mode").fill("chat")
    expect(verdict(page)).to_contain_text("Ready to save.")
    form(page).get_by_role("button", name="Send a test request").click()
    expect(form(page).locator(".preview")).to_contain_text("It answered in", timeout=TRY_MS)
    expect(form(page).get_by_role("region", name="Its answer")).to_have_text(SCRIPT)
    assert page.evaluate("window.ran") is None
    assert [one["model"] for one in upstream.requests()] == ["quick"]
    assert not quick(world).exists()


def test_who_gives_no_token_is_asked_once(build: Callable[..., World]) -> None:
    page = build({"acme": ACME}, ROUTES, MODELCTL_TOKEN="ana:s3cret-token").visit().open("custom")
    begin(page)
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    expect(verdict(page)).to_contain_text("token")
    said = verdict(page).inner_text()
    at(page, "name").press_sequentially("Quick", delay=150)  # longer than what a check waits for
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert verdict(page).inner_text() == said
    save(page)
    page.get_by_role("dialog").get_by_label("Token").fill("s3cret-token")
    page.get_by_role("dialog").get_by_role("button", name="Use it").click()
    expect(page.get_by_role("region", name="acme/quick is saved")).to_be_visible()


def test_script_in_a_file_stays_text(workshop: World) -> None:
    by_hand(workshop, f'name: "{SCRIPT}"\ndescription: "{SCRIPT}"\nmode: chat\n# {SCRIPT}\n')
    page = workshop.visit(viewport={"width": 390, "height": 844}).open("custom")
    expect(page.get_by_role("heading", name=SCRIPT)).to_be_visible()
    page.locator("#section-custom .route-item").get_by_text("YAML", exact=True).click()
    page.get_by_role("button", name="Edit acme/quick").click()
    at(page, "context_window").fill("9")
    expect(form(page).locator(".diff")).to_contain_text(SCRIPT)
    assert page.evaluate("window.ran") is None
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_by_keyboard_alone(workshop: World) -> None:
    page = workshop.visit().open("custom")
    page.get_by_role("button", name="Add a model").press("Enter")
    expect(form(page).locator("[name=provider]")).to_be_focused()
    page.keyboard.type("Acme")
    page.keyboard.press("Tab")
    page.keyboard.type("quick")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="acme/quick is saved")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Add a model")).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_for_everyone_and_every_screen(workshop: World, scheme: str, width: int) -> None:
    by_hand(workshop)
    page = workshop.visit(color_scheme=scheme, viewport={"width": width, "height": 900}).open("custom")
    begin(page, "w" * 90)
    form(page).locator(".model-fields summary").click()
    at(page, "fallbacks").fill("nope")
    expect(form(page).locator(".problem")).to_be_visible()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == width
