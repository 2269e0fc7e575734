"""What happens elsewhere appears by itself; what went wrong says where; a server that is gone is survived."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from support.catalog_files import write
from support.page import ACME, ROUTES, ZETA, World


def test_a_switch_appears_in_a_second_tab_and_in_a_third_hand(world: World) -> None:
    visit = world.visit()
    first, second = visit.open(), visit.open()
    first.locator('.row[data-key="zeta/zed"]').click()
    expect(second.locator(".card[data-route=active] .model")).to_have_text("Zed")
    expect(second.locator(".row.current .pick").first).to_have_text("Zed")
    world.plane.select("gamma", actor="ana")
    for page in (first, second):
        expect(page.locator(".card[data-route=active] .model")).to_have_text("Gamma")


def test_favourites_reach_the_other_tab(world: World) -> None:
    visit = world.visit()
    first, second = visit.open(), visit.open()
    first.get_by_role("button", name="Favourite: Zed").click()
    expect(second.get_by_role("heading", name="Favourites")).to_be_visible()


def test_a_restart_is_survived_and_said(build: Callable[..., World]) -> None:
    world = build({"acme": ACME, "zeta": ZETA}, ROUTES)
    page = world.visit().open()
    world.plane.process.kill()
    expect(page.get_by_role("alert")).to_contain_text("The control plane does not answer. What you see is from")
    expect(page.locator(".row:visible")).to_have_count(5)
    page.locator('.row[data-key="zeta/zed"]').click()
    expect(page.locator(".toast")).to_contain_text("active was not switched")
    expect(page.locator(".card[data-route=active] .model")).to_have_text("Alpha")
    world.plane.start()
    world.plane.select("gamma")
    page.locator("#connection").click()  # asks again now
    expect(page.locator("#connection")).to_have_attribute("data-state", "live")
    expect(page.locator("#banner")).to_be_hidden()
    expect(page.locator(".card[data-route=active] .model")).to_have_text("Gamma")


def test_it_comes_back_without_being_asked(build: Callable[..., World]) -> None:
    world = build({"acme": ACME}, ROUTES)
    page = world.visit().open()
    world.plane.process.kill()
    expect(page.locator("#connection")).to_have_attribute("data-state", "gone")
    world.plane.start()
    expect(page.locator("#connection")).to_have_attribute("data-state", "live", timeout=20_000)


def test_an_edit_shows_new_models_and_a_bad_one_its_place_and_hint(build: Callable[..., World]) -> None:
    world = build({"acme": ACME, "zeta": ZETA}, ROUTES)
    page = world.visit().open()
    file = world.catalog / "providers" / "zeta.yaml"
    write(file, {**ZETA, "models": {**ZETA["models"], "newer": {"name": "Newer", "mode": "chat"}}})
    expect(page.get_by_role("button", name="Newer, Zeta Works")).to_be_visible()
    before = world.plane.status()["revision"]
    write(file, {**ZETA, "models": {**ZETA["models"], "worse": {"context_window": "much"}}})
    expect(page.get_by_role("link", name="Status, 1 error")).to_be_visible()
    page.get_by_role("link", name="Status").click()
    problem = page.locator(".problem.error")
    expect(problem.locator(".place")).to_contain_text("providers/zeta.yaml:")
    expect(page.get_by_text("The last good revision stays live")).to_be_visible()
    assert world.plane.status()["revision"] == before
    write(file, ZETA)
    expect(problem).to_have_count(0)
    page.get_by_role("link", name="Models", exact=True).click()
    expect(page.get_by_role("button", name="Newer, Zeta Works")).to_have_count(0)


def test_a_removed_route_goes_and_an_added_one_comes(build: Callable[..., World]) -> None:
    world = build({"acme": ACME}, ROUTES)
    page = world.visit().open("routes")
    expect(page.locator(".route-item h2")).to_have_text(["active", "search"])
    write(world.catalog / "routes.yaml", {"active": ROUTES["active"], "careful": {"target": "gamma"}})
    expect(page.locator(".route-item h2")).to_have_text(["active", "careful"])


def test_history_says_who_what_and_why_and_one_click_goes_back(world: World) -> None:
    world.plane.select("zed", actor="ana", reason="cheaper nights", **{"for": 3600})
    page = world.visit().open("history")
    entry = page.locator(".history li").first
    expect(entry).to_contain_text("switched")
    expect(entry.locator("code")).to_have_text(["alpha", "zed"])
    expect(entry.locator(".who")).to_contain_text("ana")
    expect(entry.locator(".who")).to_contain_text("cheaper nights")
    page.get_by_role("button", name="Roll back active from zed").click()
    expect(page.locator(".history li").first).to_contain_text("rolled back")
    expect(page.get_by_role("button", name="Roll back active")).to_have_count(0)
    assert world.target() == "alpha"


def test_history_of_one_route_alone(world: World) -> None:
    world.plane.select("zed", actor="ana")
    page = world.visit().open("history")
    expect(page.locator(".history li", has_text="published")).not_to_have_count(0)
    page.get_by_label("Route", exact=True).select_option("active")
    expect(page.locator(".history li", has_text="published")).to_have_count(0)
    expect(page.locator(".history li").first).to_contain_text("zed")


def test_routes_tell_whose_will_it_is_and_what_diverges_from_git(build: Callable[..., World]) -> None:
    world = build({"acme": ACME, "zeta": ZETA}, ROUTES)
    page = world.visit().open("routes")
    active = page.locator(".route-item").first
    expect(active).to_contain_text("as in git")
    world.plane.select("zed", actor="ana", reason="a trial", pin=True, **{"for": 5400})
    expect(active).to_contain_text("chosen at run time")
    expect(active).to_contain_text("a trial")
    expect(active.locator(".countdown")).to_contain_text("1 h")
    write(world.catalog / "routes.yaml", {**ROUTES, "active": {"target": "gamma"}})
    expect(active).to_contain_text("diverges from git")
    active.get_by_role("button", name="Roll back").click()
    expect(active).to_contain_text("as in git")
    assert world.target() == "gamma"


def test_status_shows_each_worker_with_what_it_refused_and_misses(world: World) -> None:
    page = world.visit().open("status")
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("up to date")
    world.fleet.say("w2", error="zed: unknown parameter `tempo`", revision="0123456789abcdef")
    expect(rows.nth(1)).to_contain_text("refused it")
    expect(rows.nth(1)).to_contain_text("unknown parameter tempo")
    expect(rows.nth(1)).to_contain_text("01234567")
    world.fleet.say("w1", unset=("ACME_KEY",), restart_needed=("general_settings.master_key",))
    expect(rows.first).to_contain_text("ACME_KEY")
    expect(rows.first).to_contain_text("general_settings.master_key")
    expect(page.get_by_role("link", name="Status, 1 error")).to_be_visible()
    world.fleet.deafen("w1")
    world.plane.select("zed")
    expect(rows.first).to_contain_text("1 behind")
    world.fleet.leave("w2")
    expect(rows).to_have_count(1)
