"""Text from the catalog stays text; the page loads nothing from elsewhere; writes need what the server wants."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Error, expect

from support.catalog_files import write_catalog
from support.page import ACME, CHAT, ROUTES, World

SCRIPT = "<script>window.ran = 1</script>"
IMAGE = "<img src=x onerror='window.ran = 1'>"
HOSTILE = {
    "name": f"{SCRIPT}Evil & Söhne",
    "description": IMAGE,
    "litellm_provider": "openai",
    "api_base": "http://localhost:9/v1",
    "api_key": "none",
    "icon": "data:text/html,<script>window.ran = 1</script>",
    "color": "red;} body {display: none",
    "models": {
        "plain": {**CHAT, "name": f"</button>{SCRIPT}", "description": IMAGE, "tags": [IMAGE, '"><svg onload=ran=1>']},
        "drawn": {
            **CHAT,
            "name": "javascript:window.ran=1",
            "icon": f"data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' onload='top.ran=1'>{SCRIPT}</svg>",
            "description": "\u202eright to left\u202c and \u200bthin " + "w" * 900,
        },
        "far": {**CHAT, "name": "Far", "icon": "https://example.org/track.png"},
    },
}


def test_script_in_the_catalog_never_runs_and_is_shown_as_it_is(build: Callable[..., World]) -> None:
    routes = {"active": {"target": "plain", "description": SCRIPT}, "<b>bold</b>": {"target": "drawn"}}
    world = build({"evil": HOSTILE, "acme": ACME}, routes)
    world.plane.select("drawn", reason=IMAGE, actor=SCRIPT)
    page = world.visit(viewport={"width": 390, "height": 844}).open()
    expect(page.locator('.row[data-key="evil/plain"] .pick')).to_have_text(f"</button>{SCRIPT}")
    page.get_by_role("button", name="Favourite: Far").click()
    page.locator(".row[data-key='evil/plain'] .more").click()
    expect(page.get_by_role("dialog")).to_contain_text(SCRIPT)
    page.keyboard.press("Escape")
    for section in ("routes", "history", "status", "models"):
        page.goto(f"/#{section}")
        expect(page.locator(f"#section-{section}")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.goto("/#history")
    expect(page.locator(".history .who").first).to_contain_text(IMAGE)
    page.goto("/#routes")
    page.locator("model-selector").first.locator("button").click()
    expect(page.locator("model-selector [role=option]").first).to_be_visible()
    page.goto("/#models")
    page.set_viewport_size({"width": 1440, "height": 900})
    assert page.locator(".side").evaluate("one => one.scrollWidth - one.clientWidth") == 0
    assert page.evaluate("window.ran") is None
    assert page.locator("script").count() == 2


def test_marks_take_only_pictures_that_cannot_act(build: Callable[..., World]) -> None:
    world = build({"evil": HOSTILE}, {"active": {"target": "plain"}})
    page = world.visit().open()
    expect(page.locator(".group:visible .fold .mark").first).to_have_text("Sw")
    page.get_by_role("button", name="Favourite: Far").click()
    page.get_by_role("button", name="Favourite: javascript").click()
    sources = page.locator(".mark img").evaluate_all("images => images.map(one => one.src.slice(0, 19))")
    assert sources == ["data:image/svg+xml,"]


def test_the_policy_allows_nothing_inline_and_nothing_foreign(world: World) -> None:
    answer = world.plane.http.get("/")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "<style" not in answer.text
    assert " style=" not in answer.text
    assert "http" not in answer.text.replace("http-equiv", "")
    visit = world.visit()
    page = visit.open()
    with pytest.raises(Error, match="TrustedHTML"):
        page.evaluate("() => { document.body.innerHTML = '<p>'; }")
    assert [what for what in visit.wrong if "TrustedHTML" not in what] == []
    visit.wrong.clear()


@pytest.mark.parametrize(
    "path",
    [
        "/web/__init__.py",
        "/web/assets.py",
        "/web/page.html.j2",
        "/web/..%2fapi%2fapp.py",
        "/clients/%2e%2e%2fserve.py",
        "/web/",
    ],
)
def test_only_files_of_the_page_are_served(world: World, path: str) -> None:
    answer = world.plane.http.get(path)
    assert answer.status_code == 404
    assert answer.json()["src"] == "modelctl"


def test_files_carry_etags_and_kinds(world: World) -> None:
    first = world.plane.http.get("/clients/model-client.js")
    assert first.headers["content-type"].startswith("text/javascript")
    again = world.plane.http.get("/clients/model-client.js", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.fixture
def guarded(tmp_path: Path, browser: Browser) -> Iterator[World]:
    catalog = write_catalog(tmp_path, {"acme": ACME}, ROUTES)
    world = World(tmp_path, browser, catalog, {"MODELCTL_TOKEN": "ana:s3cret-token"})
    yield world
    world.stop()


def test_a_token_is_asked_for_once_and_kept_for_the_tab(guarded: World) -> None:
    page = guarded.visit().open()
    page.locator('.row[data-key="acme/gamma"]').click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Token").fill("wrong")
    dialog.get_by_role("button", name="Use it").click()
    expect(page.locator(".toast")).to_contain_text("needs a valid token")
    page.locator('.row[data-key="acme/gamma"]').click()
    expect(dialog).to_contain_text("was rejected")
    dialog.get_by_label("Token").fill("s3cret-token")
    dialog.get_by_role("button", name="Use it").click()
    expect(page.locator(".toast").last).to_contain_text("active → Gamma")
    page.reload()
    page.locator('.row[data-key="acme/alpha"]').click()
    expect(page.locator(".toast")).to_contain_text("active → Alpha")
    assert [entry["actor"] for entry in guarded.history()[:2]] == ["ana", "ana"]
    assert page.evaluate("[localStorage.length, JSON.stringify(localStorage).includes('s3cret')]")[1] is False


def test_saying_no_to_the_token_changes_nothing(guarded: World) -> None:
    page = guarded.visit().open()
    page.locator('.row[data-key="acme/gamma"]').click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    expect(page.locator(".card[data-route=active] .model")).to_have_text("Alpha")
    assert guarded.target() == "alpha"


def test_a_page_of_another_origin_cannot_switch(world: World) -> None:
    headers = {"Origin": "https://evil.example", "Content-Type": "application/json"}
    answer = httpx.post(
        f"{world.plane.url}/models/select", headers=headers, json={"model_id": "gamma"}, trust_env=False
    )
    assert answer.status_code == 403
    assert world.target() == "alpha"
