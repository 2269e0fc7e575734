"""The picker: find a model, see what it can do, point a route at it, take that back."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from support.page import ACME, ROUTES, World
from support.waiting import wait_until


def row(page: Page, key: str) -> Locator:
    return page.locator(f'.row[data-key="{key}"]')


def visible(page: Page) -> list[str]:
    return page.locator(".row:visible .pick").all_text_contents()


def group(page: Page, name: str) -> Locator:
    return page.locator(".group", has=page.get_by_role("heading", name=name))


def toast(page: Page) -> Locator:
    return page.locator(".toast").last


def test_models_stand_under_their_provider_with_what_they_can_and_cost(page: Page) -> None:
    alpha = row(page, "acme/alpha")
    expect(group(page, "Acme").locator(".row")).to_have_count(4)
    expect(group(page, "Zeta Works").locator(".row")).to_have_count(1)
    expect(alpha.locator(".caps")).to_have_attribute("aria-label", "Vision, Streaming, Tools")
    expect(alpha.locator(".context")).to_have_text("128k")
    expect(alpha.locator(".in")).to_have_text("$1.00")
    expect(alpha.locator(".out")).to_have_text("$2.00")
    expect(alpha.locator(".note")).to_have_text("Sees and uses tools.")


def test_a_mark_is_the_catalogs_colour_with_initials(page: Page) -> None:
    expect(group(page, "Acme").locator(".fold .mark")).to_have_css("background-color", "rgb(194, 65, 12)")
    expect(group(page, "Zeta Works").locator(".fold .mark")).to_have_text("ZW")


def test_one_click_switches_and_the_toast_says_what_every_worker_did(world: World, page: Page) -> None:
    row(page, "zeta/zed").click()
    expect(toast(page)).to_contain_text("active → Zed")
    expect(toast(page)).to_contain_text("2 of 2 workers run it")
    expect(row(page, "zeta/zed")).to_have_class("row current")
    expect(page.locator(".card[data-route=active] .model")).to_have_text("Zed")
    assert world.target() == "zed"
    assert world.history()[0]["actor"] == "page"


def test_a_worker_that_does_not_answer_is_named_in_the_toast(world: World, page: Page) -> None:
    world.fleet.deafen("w2")
    row(page, "zeta/zed").click()
    expect(toast(page)).to_contain_text("1 of 2 workers run it")
    expect(toast(page)).to_contain_text("w2: has not answered within 1 s")


def test_undo_in_the_toast_takes_it_back(world: World, page: Page) -> None:
    row(page, "zeta/zed").click()
    toast(page).get_by_role("button", name="Undo").click()
    expect(toast(page)).to_contain_text("Rolled back: active → Alpha")
    assert world.target() == "alpha"


def test_the_keyboard_alone_finds_and_switches(world: World, page: Page) -> None:
    page.keyboard.press("/")
    page.keyboard.type("zet")
    assert visible(page) == ["Zed"]
    page.keyboard.press("ArrowDown")
    expect(row(page, "zeta/zed").locator(".pick")).to_be_focused()
    page.keyboard.press("Enter")
    expect(row(page, "zeta/zed")).to_have_class("row current")
    page.keyboard.press("Escape")
    expect(page.locator("#search")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#search")).to_have_value("")
    assert world.target() == "zed"


def test_arrows_go_from_row_to_row_and_to_what_a_row_can_do(page: Page) -> None:
    page.keyboard.press("/")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(row(page, "acme/beta").locator(".pick")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(row(page, "acme/beta").locator(".more")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("End")
    expect(row(page, "zeta/zed").locator(".pick")).to_be_focused()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowUp")
    expect(page.locator("#search")).to_be_focused()


def test_tab_stops_once_in_the_list(page: Page) -> None:
    stops = page.evaluate("[...document.querySelectorAll('.row button')].filter(one => one.tabIndex === 0).length")
    assert stops == 1


def test_the_search_wants_every_word_somewhere(page: Page) -> None:
    page.locator("#search").fill("acme tools")
    assert visible(page) == ["Alpha"]
    expect(page.locator(".found")).to_have_text("1 of 7 models")
    page.locator("#search").fill("nothing like it")
    expect(page.locator(".found")).to_have_text("No model matches")


def test_the_routes_that_point_to_a_model_stand_in_boxes(page: Page) -> None:
    """White on nothing is what a pill without its box would be."""
    pill = row(page, "acme/alpha").locator(".pill")
    expect(pill).to_have_text("active")
    expect(pill).to_have_css("display", "block")


def test_who_finds_nothing_is_led_back_to_all(page: Page) -> None:
    page.get_by_role("button", name="Reasoning").click()
    page.locator("#search").fill("alpha")
    expect(page.locator("#section-models .empty")).to_contain_text("No model fits the search and the filters.")
    page.get_by_role("button", name="Show all models").click()
    expect(page.locator(".found")).to_have_text("7 models")
    expect(page.locator("#section-models .empty")).to_be_hidden()
    expect(page.locator("#search")).to_be_focused()


UNDER_THE_BAR = """() => {
  const edge = Math.max(0, document.querySelector("header.bar").getBoundingClientRect().bottom);
  return edge - document.querySelector(".row:focus-within").getBoundingClientRect().top;
}"""


@pytest.mark.parametrize("width", [1440, 950, 390])
def test_the_row_that_the_keyboard_is_on_is_never_under_the_bar(world: World, width: int) -> None:
    page = world.visit(viewport={"width": width, "height": 240}).open()
    page.locator("#search").press("ArrowDown")
    page.keyboard.press("End")
    for _ in range(3):
        page.keyboard.press("ArrowUp")
        hidden = page.evaluate(UNDER_THE_BAR)
        assert hidden <= 0, f"{page.locator(':focus').inner_text()} is {hidden} px under it"


def test_the_key_that_opens_the_help_is_not_typed_into_it(page: Page) -> None:
    page.keyboard.press("?")
    expect(page.get_by_label("Your name")).to_be_focused()
    expect(page.get_by_label("Your name")).to_have_value("")


def test_filters_narrow_by_what_a_model_can_costs_and_holds(page: Page) -> None:
    page.get_by_role("button", name="Reasoning").click()
    assert visible(page) == ["Gamma"]
    page.get_by_role("button", name="Clear filters").click()
    page.get_by_label("Price").select_option("1")
    assert visible(page) == ["Beta"]
    page.get_by_role("button", name="Clear filters").click()
    page.get_by_label("Context").select_option("1000000")
    assert visible(page) == ["Gamma"]
    page.get_by_role("button", name="Clear filters").click()
    page.get_by_label("Tag").select_option("cheap")
    assert visible(page) == ["Alpha"]
    page.get_by_role("button", name="Clear filters").click()
    page.get_by_text("Show retired").click()
    assert "Elder" not in visible(page)
    page.get_by_text("Fits the route").click()
    assert visible(page) == ["Alpha", "Gamma", "Zed"]


def test_a_model_whose_variable_no_worker_has_is_greyed_with_the_reason(world: World, page: Page) -> None:
    world.fleet.say("w2", unset=("ZETA_KEY",))
    zed = row(page, "zeta/zed")
    expect(group(page, "Zeta Works").locator(".lack .why")).to_have_text("ZETA_KEY is not set")
    expect(zed).to_have_class("row dim")
    page.get_by_text("Available only").click()
    assert "Zed" not in visible(page)
    world.fleet.say("w2", unset=())
    expect(zed).to_be_visible()


def test_a_retired_model_names_its_successor_and_leads_to_it(world: World, page: Page) -> None:
    elder = row(page, "acme/elder")
    expect(elder.locator(".why")).to_have_text("retired on 2024-01-02; use alpha")
    elder.get_by_role("button", name="Show alpha").click()
    expect(row(page, "acme/alpha").locator(".pick")).to_be_focused()
    elder.locator(".pick").click()
    expect(page.get_by_role("dialog")).to_contain_text("is retired on 2024-01-02")
    expect(page.get_by_role("button", name="Force")).to_have_count(0)
    assert world.target() == "alpha"


def test_other_kinds_stand_apart_and_are_not_offered_for_a_chat_route(world: World, page: Page) -> None:
    embeddings = group(page, "Embedding")
    expect(embeddings).to_contain_text("not for active")
    expect(embeddings.locator(".row")).to_have_count(0)
    embeddings.get_by_role("button", name="Embedding").click()
    row(page, "acme/vectors").locator(".pick").click(force=True)
    expect(page.get_by_role("dialog")).to_contain_text("Vectors cannot be used for active")
    page.keyboard.press("Escape")
    assert world.target() == "alpha"
    page.locator(".card[data-route=search]").click()
    expect(group(page, "Acme").locator(".row:visible .pick")).to_have_text(["Vectors"])
    expect(group(page, "Chat")).to_contain_text("not for search")


def test_a_missing_key_is_said_once_with_what_to_do_and_usable_models_come_first(world: World, page: Page) -> None:
    for name in ("w1", "w2"):
        world.fleet.say(name, unset=("ZETA_KEY",))
    zeta = group(page, "Zeta Works")
    expect(zeta.locator(".lack")).to_have_text("ZETA_KEY is not set Put ZETA_KEY into .env, then run modelctl restart.")
    expect(row(page, "zeta/zed").locator(".why")).to_have_count(0)
    row(page, "zeta/zed").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator(".remedy")).to_have_text("Put ZETA_KEY into .env, then run modelctl restart.")
    page.keyboard.press("Escape")
    assert world.target() == "alpha"


def test_the_first_provider_is_one_that_can_be_used(world: World, page: Page) -> None:
    world.plane.select("zed")
    for name in ("w1", "w2"):
        world.fleet.say(name, unset=("ACME_KEY",))
    expect(page.locator(".group:visible h2").first).to_contain_text("Zeta Works")


def test_sorting_by_price_and_by_context(page: Page) -> None:
    page.get_by_label("Sort").select_option("cheapest first")
    expect(page.locator(".row:visible .pick")).to_have_text(["Beta", "Alpha", "Zed", "Gamma", "Elder"])
    page.locator(".columns [data-sort=context]").click()
    expect(page.locator(".row:visible .pick")).to_have_text(["Gamma", "Alpha", "Zed", "Beta", "Elder"])


def test_the_newest_first_and_those_without_a_date_last(build: Callable[..., World]) -> None:
    def of(day: str | None) -> dict[str, object]:
        return {"mode": "chat", **({"lifecycle": {"released": day}} if day else {})}

    head = {"litellm_provider": "openai", "api_base": "http://localhost:9/v1", "api_key": "none"}
    models = {"old": of("2024-05-13"), "undated": of(None), "new": of("2026-09-29")}
    page = build({"acme": {**head, "models": models}}, {"active": {"target": "old"}}).visit().open()
    page.get_by_label("Sort").select_option("newest first")
    expect(page.locator(".row:visible .pick")).to_have_text(["new", "old", "undated"])
    row(page, "sorted:acme/new").locator(".more").click()
    expect(page.get_by_role("dialog")).to_contain_text("released 2026-09-29")


def test_all_groups_fold_and_unfold_at_once(page: Page) -> None:
    page.get_by_role("button", name="Collapse all").click()
    expect(page.locator(".row:visible")).to_have_count(0)
    page.get_by_role("button", name="Expand all").click()
    assert visible(page) == ["Alpha", "Beta", "Gamma", "Elder", "Zed"]
    page.locator("#search").fill("alpha")
    expect(page.get_by_role("button", name="Collapse all")).to_be_hidden()


def test_a_reader_hears_what_a_model_costs_and_why_it_is_not_available(world: World, page: Page) -> None:
    expect(row(page, "acme/alpha").locator(".pick")).to_have_accessible_description(
        "context 128k, input $1.00, output $2.00"
    )
    for name in ("w1", "w2"):
        world.fleet.say(name, unset=("ZETA_KEY",))
    expect(row(page, "zeta/zed").locator(".pick")).to_have_accessible_description(
        "context 64k, input $3.00, output $6.00, not available: ZETA_KEY is not set"
    )


def test_the_panel_of_the_current_model_offers_no_switch_to_it(world: World, page: Page) -> None:
    row(page, "acme/alpha").locator(".more").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("active points to it now.")
    expect(dialog.get_by_role("button", name="Switch active to it")).to_have_count(0)
    dialog.get_by_label("Time limit").select_option("3600")
    dialog.get_by_role("button", name="Set reason and limit").click()
    expect(page.locator(".card[data-route=active] .countdown")).to_have_text("60 min left")
    assert world.target() == "alpha"


def test_one_provider_alone(page: Page) -> None:
    page.get_by_label("Provider").select_option("Zeta Works")
    expect(page.locator(".row:visible .pick")).to_have_text(["Zed"])


def test_a_slip_of_the_fingers_still_finds(page: Page) -> None:
    page.locator("#search").fill("aplha")
    expect(page.locator(".found")).to_have_text("1 with a similar name")
    assert visible(page) == ["Alpha"]


def test_the_search_key_works_from_a_checkbox(page: Page) -> None:
    page.get_by_label("Available only").focus()
    page.keyboard.press("/")
    expect(page.locator("#search")).to_be_focused()


def test_the_panel_says_what_changes_and_can_be_shared(world: World) -> None:
    page = world.visit().open("models/acme/gamma")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Input price per 1M: $10.00 instead of $1.00 (10 times as much)")
    expect(dialog).to_contain_text("Loses Vision")
    expect(dialog).to_contain_text("Context: 1M instead of 128k tokens")
    dialog.get_by_text("Code to paste").click()
    expect(dialog.get_by_label("Python", exact=True)).to_contain_text('model="gamma"')
    dialog.get_by_role("button", name="Switch active to it").click()
    expect(toast(page)).to_contain_text("active → Gamma")
    assert world.target() == "gamma"


def test_a_refusal_says_why_and_force_needs_a_reason(world: World, page: Page) -> None:
    expect(row(page, "acme/beta").locator(".why")).to_have_text("no tools")
    row(page, "acme/beta").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("beta lacks tools, which active requires")
    assert world.target() == "alpha"
    expect(dialog.get_by_role("button", name="Force")).to_be_hidden()
    dialog.get_by_text("Switch anyway").click()
    dialog.get_by_role("button", name="Force").click()
    expect(dialog.get_by_role("alert")).to_have_text("Give a reason: it is written into history")
    dialog.get_by_label("Reason").fill("only for the demo")
    dialog.get_by_role("button", name="Force").click()
    expect(toast(page)).to_contain_text("active → Beta")
    expect(page.locator(".card[data-route=active]")).to_contain_text("forced")
    assert world.target() == "beta"
    assert (world.history()[0]["forced"], world.history()[0]["reason"]) == (True, "only for the demo")


def test_what_the_server_refuses_is_taken_back_on_the_page(page: Page) -> None:
    row(page, "acme/beta").click()
    page.get_by_role("button", name="Close").click()
    expect(page.locator(".card[data-route=active] .model")).to_have_text("Alpha")
    expect(row(page, "acme/alpha")).to_have_class("row current")


def test_reason_and_time_limit_on_request(world: World, page: Page) -> None:
    row(page, "zeta/zed").locator(".pick").focus()
    page.keyboard.press("Shift+Enter")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Reason").fill("a trial")
    dialog.get_by_label("Time limit").select_option("3600")
    dialog.get_by_role("button", name="Switch").click()
    expect(page.locator(".card[data-route=active] .countdown")).to_have_text("60 min left")
    # The page shows a switch before the server has answered.
    wait_until(lambda: world.plane.current()["target"] == "zed", "the switch is recorded")
    now = world.plane.current()
    assert now["reason"] == "a trial"
    assert 3590 < now["until"] - time.time() <= 3600


def test_a_limit_that_runs_out_is_seen_without_a_word(world: World, page: Page) -> None:
    world.plane.select("zed", **{"for": 1.5})
    expect(page.locator(".card[data-route=active] .model")).to_have_text("Zed")
    expect(page.locator(".card[data-route=active] .model")).to_have_text("Alpha")


def test_favourites_and_recent_models_are_remembered(page: Page) -> None:
    row(page, "acme/gamma").get_by_role("button", name="Favourite: Gamma").click()
    row(page, "zeta/zed").click()
    expect(toast(page)).to_contain_text("active → Zed")
    page.reload()
    expect(group(page, "Favourites").locator(".row .pick")).to_have_text(["Gamma"])
    expect(group(page, "Recent").locator(".row .pick")).to_have_text(["Zed"])
    group(page, "Favourites").locator(".row").click()
    expect(page.locator(".card[data-route=active] .model")).to_have_text("Gamma")


def test_a_group_folds_and_stays_folded_but_hides_no_match(page: Page) -> None:
    fold = group(page, "Acme").locator(".fold")
    fold.click()
    expect(fold).to_have_attribute("aria-expanded", "false")
    assert visible(page) == ["Zed"]
    page.reload()
    expect(fold).to_have_attribute("aria-expanded", "false")
    page.locator("#search").fill("gamma")
    assert visible(page) == ["Gamma"]


def test_every_member_of_a_group_is_marked_and_a_wildcard_asks_for_a_name(build: Callable[..., World]) -> None:
    many = {"name": "Many", "litellm_provider": "openai", "api_base": "http://localhost:9/v1", "api_key": "none"}
    world = build({"acme": ACME, "many": {**many, "models": {"*": {}}}}, {"active": {"target": "alpha"}})
    page = world.visit().open()
    row(page, "many/*").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Public name").fill("elsewhere")
    dialog.get_by_role("button", name="Continue").click()
    expect(dialog.get_by_role("alert")).to_have_text("It must match many/*")
    dialog.get_by_label("Public name").fill("many/thing-1")
    dialog.get_by_role("button", name="Continue").click()
    expect(toast(page)).to_contain_text("active → many/thing-1")
    assert world.target() == "many/thing-1"


def test_refresh_says_what_came_of_it(world: World, page: Page) -> None:
    page.get_by_role("button", name="Refresh the catalog").click()
    expect(toast(page)).to_contain_text("Up to date")
    assert ROUTES["active"]["target"] == world.target()


def test_each_variable_that_is_missing_is_named(page: Page) -> None:
    ask = """async (text) => {
      const module = await import(new URL("remedy.js", document.querySelector("script[type=module]").src));
      return module.unsetIn(text);
    }"""
    for text in ("A_KEY and B_BASE and C_VERSION are not set", "A_KEY, B_BASE and C_VERSION are not set"):
        assert page.evaluate(ask, text) == ["A_KEY", "B_BASE", "C_VERSION"]


def test_a_model_is_blocked_in_its_panel_and_let_back(world: World, page: Page) -> None:
    row(page, "acme/gamma").get_by_role("button", name="Gamma: facts").click()
    page.get_by_role("dialog").get_by_role("button", name="Block…").click()
    dialog = page.get_by_role("dialog", name="Block Gamma")
    dialog.get_by_label("Reason").fill("it lies")
    dialog.get_by_label("Time limit").select_option("3600")
    dialog.get_by_role("button", name="Block", exact=True).click()
    expect(toast(page)).to_contain_text("Gamma is blocked")
    expect(row(page, "acme/gamma").locator(".why")).to_contain_text("`gamma` is blocked until")
    assert [(one["action"], one["model"], one["reason"], one["actor"]) for one in world.history("*")[:1]] == [
        ("block", "gamma", "it lies", "page")
    ]
    row(page, "acme/gamma").get_by_role("button", name="Gamma: facts").click()
    expect(page.get_by_role("dialog")).to_contain_text("Blocked by page, until")
    page.get_by_role("dialog").get_by_role("button", name="Unblock").click()
    expect(toast(page)).to_contain_text("Gamma takes requests again")
    expect(row(page, "acme/gamma").locator(".why")).to_have_count(0)


def test_blocking_all_that_a_route_has_is_asked_twice(world: World, page: Page) -> None:
    row(page, "acme/alpha").get_by_role("button", name="Alpha: facts").click()
    page.get_by_role("dialog").get_by_role("button", name="Block…").click()
    page.get_by_role("dialog", name="Block Alpha").get_by_role("button", name="Block", exact=True).click()
    sure = page.get_by_role("dialog", name="Alpha was not blocked")
    expect(sure).to_contain_text("no model is left for route active")
    sure.get_by_role("button", name="Block all the same").click()
    expect(toast(page)).to_contain_text("Nobody answers for active.")
