"""What happens elsewhere appears by itself; what went wrong says where; a server that is gone is survived."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from playwright.sync_api import expect

from modelctl.state.cooldown import Cooldown, RouterHealth
from modelctl.state.key_source import KeySource
from modelctl.state.request_record import RequestOrigin, RequestRecord
from modelctl.store.request_store import RequestStore
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
    expect(page.get_by_role("heading", name="Today")).to_be_visible()
    page.get_by_role("button", name="Roll back active from zed to alpha").click()
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


def test_history_of_one_person_by_days(world: World) -> None:
    world.plane.select("zed", actor="cleo")
    world.plane.select("gamma", actor="dan")
    page = world.visit().open("history")
    page.get_by_label("Person").select_option("cleo")
    expect(page.locator(".history .who b")).to_have_text(["cleo"])
    expect(page.get_by_role("heading", name="Today")).to_have_count(1)
    world.plane.select("zed", actor="cleo")
    expect(page.locator(".history .who b")).to_have_text(["cleo", "cleo"])
    assert world.target() == "zed"


YESTERDAY = """() => { const real = Date; const shift = 86400000;
  globalThis.Date = class extends real {
    constructor(...of) { of.length ? super(...of) : super(real.now() + shift) }
    static now() { return real.now() + shift } } }"""


def test_what_happened_the_day_before_stands_below_yesterday(world: World) -> None:
    world.plane.select("zed", actor="ana")
    visit = world.visit()
    visit.context.add_init_script(f"({YESTERDAY})()")
    page = visit.open("history")
    expect(page.get_by_role("heading", level=2).first).to_have_text("Yesterday")


def test_a_route_card_says_what_its_model_costs_and_can_and_what_follows(build: Callable[..., World]) -> None:
    routes = {**ROUTES, "active": {**ROUTES["active"], "fallbacks": ["zed", "gamma"]}}
    world = build({"acme": ACME, "zeta": ZETA}, routes)
    for name in ("w1", "w2"):
        world.fleet.say(name, unset=("ZETA_KEY",))
    page = world.visit().open("routes")
    active = page.locator(".route-item").first
    expect(active).to_contain_text("128k context · $1.00 in · $2.00 out · Vision, Streaming, Tools")
    expect(active).to_contain_text("Requires: tools")
    expect(active.locator(".fallbacks li")).to_have_text(["zed ZETA_KEY is not set", "gamma"])
    world.plane.select("gamma", actor="ana", reason="a trial")
    expect(active).to_contain_text("Switched by: ana")
    expect(active).to_contain_text("Reason: a trial")
    expect(active.get_by_role("button", name="Roll back to alpha")).to_be_visible()
    world.plane.select("alpha", actor="ben", **{"for": 5400})
    expect(active.locator(".line-of", has_text="Limit")).to_have_text("Limit: 1 h 30 min left, then back to gamma")
    active.get_by_role("link", name="Choose in the list").click()
    expect(page.locator(".card[data-route=active]")).to_have_attribute("aria-pressed", "true")
    page.goto("/#models/search")
    expect(page.locator(".card[data-route=search]")).to_have_attribute("aria-pressed", "true")


def test_a_problem_is_explained_and_copied_in_place(build: Callable[..., World]) -> None:
    world = build({"acme": ACME}, ROUTES)
    page = world.visit(permissions=["clipboard-read", "clipboard-write"]).open("status")
    write(world.catalog / "routes.yaml", {"active": {"targt": "alpha"}})
    problem = page.locator(".problem.error").first
    rule = problem.locator(".pill").inner_text()
    problem.get_by_text(f"About {rule}").click()
    manual = world.plane.http.get(f"/rules/{rule}").json()["manual"]
    expect(problem.locator(".written-out")).to_contain_text(manual.split("`")[0].strip()[:30])
    problem.get_by_role("button", name="Copy").click()
    expect(problem.get_by_role("button", name="Copied")).to_be_visible()
    assert f"error[{rule}]" in page.evaluate("navigator.clipboard.readText()")


def test_many_variables_are_folded_and_workers_fit_a_phone(world: World) -> None:
    world.fleet.say("w1", unset=("A_KEY", "B_KEY", "C_KEY"))
    page = world.visit(viewport={"width": 390, "height": 844}).open("status")
    first = page.locator("tbody tr").first
    expect(first.locator("summary")).to_have_text("3 variables")
    expect(first.get_by_text("B_KEY")).to_be_hidden()
    first.locator("summary").click()
    expect(first.get_by_text("B_KEY")).to_be_visible()
    table = page.get_by_role("table")
    assert table.evaluate("one => one.scrollWidth - one.parentElement.clientWidth") <= 0, "no sideways scroll"
    expect(table.get_by_role("row")).to_have_count(3)  # the headings are there for those who do not see


def test_routes_tell_whose_will_it_is_and_what_diverges_from_git(build: Callable[..., World]) -> None:
    world = build({"acme": ACME, "zeta": ZETA}, ROUTES)
    page = world.visit().open("routes")
    active = page.locator(".route-item").first
    expect(active).to_contain_text("from git")
    world.plane.select("zed", actor="ana", reason="a trial", pin=True, **{"for": 5400})
    expect(active).to_contain_text("selected at run time")
    expect(active).to_contain_text("a trial")
    expect(active.locator(".countdown")).to_contain_text("1 h")
    write(world.catalog / "routes.yaml", {**ROUTES, "active": {"target": "gamma"}})
    expect(active).to_contain_text("diverges from git")
    active.get_by_role("button", name="Roll back").click()
    expect(active).not_to_contain_text("diverges from git")
    expect(active).to_contain_text("from git")
    assert world.target() == "gamma"


def test_status_says_whether_catalog_revision_and_workers_agree(world: World) -> None:
    summary = world.visit().open("status").locator(".summary")
    expect(summary).to_contain_text("in sync")
    world.fleet.say("w2", error="zed: unknown parameter `tempo`", revision="0123456789abcdef")
    expect(summary).to_contain_text("diverged")
    expect(summary).to_contain_text("w2: zed: unknown parameter `tempo`")


def test_status_shows_each_worker_with_what_it_refused_and_misses(world: World) -> None:
    page = world.visit().open("status")
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("up to date")
    world.fleet.say("w2", error="zed: unknown parameter `tempo`", revision="0123456789abcdef")
    expect(rows.nth(1)).to_contain_text("refused")
    expect(rows.nth(1)).to_contain_text("unknown parameter tempo")
    expect(rows.nth(1)).to_contain_text("01234567")
    world.fleet.say("w1", unset=("ACME_KEY",), restart_needed=("general_settings.master_key",))
    expect(rows.first).to_contain_text("ACME_KEY")
    expect(rows.first).to_contain_text("general_settings.master_key")
    expect(page.get_by_role("link", name="Status, 1 error")).to_be_visible()
    now = time.time()
    cooled = Cooldown("d", "alpha", "rate_limit", now, now + 500, "RateLimitError", 429)
    world.fleet.say("w1", health=RouterHealth((cooled,)))
    said = re.compile(r"LiteLLM avoids alpha for 8 min .*: rate_limit \(429 RateLimitError\)")
    expect(rows.first).to_contain_text(said)
    world.fleet.deafen("w1")
    world.plane.select("zed")
    expect(rows.first).to_contain_text("1 behind")
    world.fleet.leave("w2")
    expect(rows).to_have_count(1)


def test_status_says_how_old_keys_from_files_are_and_why_one_is_not_used(world: World) -> None:
    page = world.visit().open("status")
    expect(page.get_by_role("heading", name="Keys from files")).to_be_hidden()
    refused = KeySource("ZETA_KEY", "/run/secrets/zeta", time.time() - 3 * 86400 - 60, "the key there is refused: 401")
    for name in ("w1", "w2"):
        world.fleet.say(name, keys=(refused, KeySource("ACME_KEY", "/run/secrets/acme")))
    lines = page.locator("li").filter(has_text="/run/secrets/")
    expect(lines).to_have_text(
        [
            "ACME_KEY /run/secrets/acme",
            re.compile(r"ZETA_KEY /run/secrets/zeta, 3 d.* old.*the key there is refused: 401"),
        ]
    )
    expect(page.get_by_role("heading", name="Keys from files")).to_be_visible()
    world.fleet.say("w1", keys=(KeySource("ACME_KEY", "/run/secrets/acme", time.time() - 5),))
    world.fleet.say("w2", keys=())
    first = lines.first.text_content() or ""
    expect(lines.first).not_to_have_text(first)  # its age goes on by itself


def test_a_request_is_explained_on_the_page(world: World) -> None:
    kept = RequestStore(world.state)
    kept.write([RequestRecord("call-1", time.time(), "alpha", RequestOrigin("w1"), "cached", seconds=0.1)], time.time())
    kept.close()
    page = world.visit().open("status")
    page.get_by_label("Id of a request").fill("call-1")
    page.get_by_role("button", name="Explain").click()
    expect(page.get_by_text("alpha was asked for; LiteLLM's cache answered after 0.10 s")).to_be_visible()
    page.get_by_label("Id of a request").fill("another")
    page.get_by_role("button", name="Explain").click()
    expect(page.get_by_text("no request `another` is known")).to_be_visible()
