"""The figures of models and routes on the page, as workers counted them: what it shows is what `GET /usage` answers."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from modelctl.hook.counted import Attempt, NotCounted, Request
from modelctl.state.selection import HistoryEntry
from modelctl.usage.figures import Series
from support.browser import violations
from support.counts import Counts
from support.page import ACME, ROUTES, ZETA, World
from support.traffic import HOUR, MINUTE, fill, flow, switched

NONE = "\N{EN DASH}"  # what the page shows where nothing is known
ALPHA = Series("active", "alpha", "id-alpha", "openai")
ZED = Series("zed", "zed", "id-zed", "openai")


def count(world: World) -> None:
    now, counts = time.time(), Counts(world.state)
    events: list[Any] = []
    for _ in range(1200):
        events.append(Attempt(now, ALPHA, 2.0, tokens={"prompt_tokens": 1000}, cost=0.01, first_token=0.2))
        events.append(Request(now, ALPHA, 2.1))
    events += [Attempt(now, ZED, 0.5), Request(now, ZED, 0.5), NotCounted(now, ZED)]
    events += [Attempt(now, ZED, 9.0, failed="timeout"), Attempt(now, ZED, 9.0, failed="timeout")]
    counts.add([*events, Request(now, ZED, 18.0, failed="timeout")])


def traffic(world: World, moved: float) -> None:
    """A day of it; `active` goes from alpha to gamma at `moved`, and zed answers beside it."""
    now = time.time()
    flows = (
        flow("active", "alpha", "acme", 2, 2.5, first=0.6, usd=0.004, fails=0.1, until=moved),
        flow("active", "gamma", "acme", 2, 1.0, first=0.3, usd=0.01, since=moved),
        flow("zed", "zed", "zeta", 0.5, 0.4, usd=None),
    )
    fill(world.state, flows, now - 23 * HOUR, now, worker="day")  # the chart begins before it at any minute


@pytest.fixture
def day(world: World) -> World:
    traffic(world, time.time() - 4 * HOUR)
    return world


def opened(world: World, **options: Any) -> tuple[Page, Locator]:
    page = world.visit(**options).open("usage")
    section = page.locator("#section-usage")
    expect(section.locator(".chart svg")).to_have_count(6)
    return page, section


def rows(world: World, **query: Any) -> list[dict[str, Any]]:
    return list(world.plane.http.get("/usage", params=query).raise_for_status().json()["rows"])


def test_figures_stand_by_model_and_by_route_and_say_what_they_lack(world: World) -> None:
    page = world.visit().open()
    page.goto("/#usage")
    section = page.locator("#section-usage")
    expect(section).to_contain_text("No requests in this period.")
    count(world)
    section.get_by_label("Time").select_option("1h")
    lines = section.get_by_role("region", name="Figures").locator("tbody tr")
    expect(lines).to_have_count(2)
    expect(lines.nth(0)).to_contain_text("alpha1,200100 %")
    expect(lines.nth(0)).to_contain_text("$12.00")
    expect(lines.nth(1)).to_contain_text("zed250.0 %")
    expect(lines.nth(1)).to_contain_text("unknown")
    expect(section).to_contain_text("1 further calls were retries and fallbacks.")
    expect(section).to_contain_text("1 requests are not counted")
    section.get_by_label("Group").select_option("route")
    expect(lines.nth(0).locator("th")).to_have_text("active")


def test_figures_stand_by_tag_and_say_how_one_is_named(world: World) -> None:
    now = time.time()
    tagged = (replace(ALPHA, tag="search"), replace(ALPHA, tag="search"), replace(ZED, tag="billing"), ALPHA)
    Counts(world.state).add(
        [each for series in tagged for each in (Attempt(now, series, 1.0), Request(now, series, 1.0))]
    )
    _, section = opened(world)
    section.get_by_label("Group").select_option("tag")
    names = section.get_by_role("region", name="Figures").locator("tbody th")
    expect(names).to_have_text(["search", re.compile("billing|no tag"), re.compile("billing|no tag")])
    expect(section).to_contain_text("Workers look for a tag where MODELCTL_USAGE_TAG names one")
    section.get_by_label("Group").select_option("model")
    expect(section).not_to_contain_text("MODELCTL_USAGE_TAG")


def test_every_chart_shows_the_figures_of_the_api(day: World) -> None:
    _, section = opened(day)
    whole = rows(day, group_by="", **{"from": "24h"})[0]
    totals = {
        "requests": f"{whole['requests']:,}",
        "cost": f"${whole['cost']:.2f}",
        "success": f"{whole['success_rate'] * 100:.1f} %",
        "median": f"{whole['latency']['p50']:.1f} s",
        "p95": f"{whole['latency']['p95']:.1f} s",
        "first": f"{whole['first_token']['p50'] * 1000:.0f} ms",
    }
    for metric, text in totals.items():
        expect(section.locator(f"[data-metric={metric}] .total")).to_have_text(text)
    steps = rows(day, group_by="model", step="1800", **{"from": "24h"})
    section.get_by_role("button", name="Requests as a table").click()
    shown = section.locator("[data-metric=requests] table")
    names = shown.locator("thead th").all_text_contents()[1:]
    for name in names:
        column = names.index(name) + 2
        cells = shown.locator(f"tbody tr > :nth-child({column})").all_text_contents()
        told = [row["requests"] for row in reversed(steps) if row["model"] == name]
        assert [int(cell.replace(",", "")) for cell in cells if cell != NONE] == told, name
    expect(section.locator("[data-metric=requests] .plot")).to_be_hidden()


def test_switches_reloads_and_guards_are_marked_and_compared(build: Callable[..., World]) -> None:
    day, moved = build({"acme": ACME, "zeta": ZETA}, ROUTES), time.time() - 4 * HOUR
    traffic(day, moved)
    published = HistoryEntry("publish", moved - HOUR, "catalog", None, "11112222aaaa", "33334444bbbb")
    switch = HistoryEntry("select", moved, "guard", "active", "alpha", "gamma", "30 of 40 calls of `alpha` failed")
    switched(day.state, published, switch)
    _, section = opened(day)
    for kind in ("reload", "guard"):
        expect(section.locator(f".plot .event.{kind}").first).to_be_attached()
    expect(section.locator(".signs")).to_contain_text("Guard")
    compared = section.locator(".before-after")
    expect(compared.get_by_label("Change")).to_contain_text("active: alpha → gamma, by guard")
    expect(compared.locator("thead")).to_contain_text("alpha, 1 h before")
    success = compared.locator("tr", has_text="Success").locator("td")
    now = [row for row in rows(day, group_by="route", **{"from": "3h", "to": "2h"}) if row["route"] == "active"]
    assert now[0]["success_rate"] == 1
    expect(success.nth(1)).to_have_text("100 %")
    expect(success.nth(2)).to_contain_text("▲")
    day.plane.select("zed", actor="ana")
    expect(section.locator(".plot .event.switch").first).to_be_attached()
    expect(compared.get_by_label("Change").locator("option").first).to_contain_text("by ana")


def test_the_keyboard_moves_through_time_in_all_charts(day: World) -> None:
    page, section = opened(day)
    plot = section.locator("[data-metric=requests] .plot")
    section.get_by_role("button", name="Requests as a table").focus()
    page.keyboard.press("Tab")
    expect(plot).to_be_focused()
    expect(plot).to_have_attribute("aria-label", re.compile("^Requests by model, last 24 hours: "))
    page.keyboard.press("Home")
    expect(plot).to_have_attribute("aria-valuenow", "0")
    page.keyboard.press("ArrowRight")
    expect(plot).to_have_attribute("aria-valuenow", "1")
    first = next(row for row in rows(day, group_by="model", step="1800", **{"from": "24h"}) if row["model"] == "alpha")
    page.keyboard.press("Home")
    expect(plot).to_have_attribute("aria-valuetext", re.compile("; no requests$"))
    while "no requests" in (plot.get_attribute("aria-valuetext") or ""):
        page.keyboard.press("ArrowRight")
    expect(plot).to_have_attribute("aria-valuetext", re.compile(rf"alpha {first['requests']}\b"))
    expect(plot.locator(".tip")).to_contain_text("alpha")
    expect(section.locator("[data-metric=p95] .plot .at")).to_have_attribute("visibility", "visible")
    expect(section.locator("[data-metric=p95] .tip")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(plot.locator(".tip")).to_be_hidden()


def test_lines_can_be_laid_side_by_side_and_taken_out(day: World) -> None:
    _, section = opened(day)
    requests = section.locator("[data-metric=requests]")
    expect(requests.locator(".column").first).to_be_attached()
    section.get_by_label("Shape").select_option("lines")
    expect(requests.locator(".column")).to_have_count(0)
    expect(requests.locator(".curve:not(.unfinished)")).to_have_count(3)
    chip = section.get_by_role("button", name="alpha", exact=True)
    chip.click()
    expect(chip).to_have_attribute("aria-pressed", "false")
    expect(requests.locator(".curve:not(.unfinished)")).to_have_count(2)
    chip.click()
    section.get_by_label("Group").select_option("provider")
    expect(section.locator(".legend .chip")).to_have_text(["acme", "zeta"])
    for span in ("1h", "7d", "30d"):
        section.get_by_label("Time").select_option(span)
        expect(requests.locator(".plot")).to_have_attribute("aria-label", re.compile("by provider, last "))
        expect(section.locator(".chart svg")).to_have_count(6)


def test_what_is_not_counted_is_no_zero(world: World) -> None:
    Counts(world.state).add([NotCounted(time.time() - MINUTE, ZED)])
    _, section = opened(world)
    line = section.get_by_role("region", name="Figures").locator("tbody tr")
    expect(line).to_contain_text("not counted")
    section.get_by_role("button", name="Requests as a table").click()
    expect(section.locator("[data-metric=requests] tbody td")).to_have_text(NONE)


def test_a_models_row_shows_its_last_day_beside_its_price(day: World) -> None:
    Counts(day.state).add([NotCounted(time.time(), Series("active", "beta", "id-beta", "acme"))])
    page = day.visit().open("models")
    row = page.locator('.row[data-key="acme/alpha"]')
    told = next(each for each in rows(day, group_by="model", **{"from": "24h"}) if each["model"] == "alpha")
    success, p95 = f"{told['success_rate'] * 100:.1f} %", f"{told['latency']['p95']:.1f} s"
    expect(row.locator(".figures")).to_have_text(f"{told['requests']:,} · {success}p95 {p95}")
    expect(row.locator(".use path")).to_have_attribute("d", re.compile("^M"))
    said = row.locator(".told")
    expect(said).to_contain_text(f"{told['requests']:,} requests in the last 24 hours, success {success}, 95 % within")
    expect(page.locator('.row[data-key="acme/beta"] .use')).to_have_text("not counted")
    expect(page.locator('.row[data-key="acme/elder"] .use')).to_be_empty()
    assert violations(page) == []


def test_where_nothing_was_counted_the_list_has_no_column_for_it(world: World) -> None:
    page = world.visit().open("models")
    expect(page.locator(".row").first).to_be_visible()
    expect(page.locator(".columns .use")).to_be_hidden()
    assert not page.locator(".counted").count()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_axe_finds_nothing_in_the_charts(day: World, scheme: str, width: int) -> None:
    page, section = opened(day, color_scheme=scheme, viewport={"width": width, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert violations(page) == []
    section.get_by_role("button", name="Success as a table").click()
    section.locator("[data-metric=cost] .plot").focus()
    page.keyboard.press("Home")
    assert violations(page) == []


CONTRAST = """() => {
  const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const light = (color) => {
    canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1);
    const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3).map((one) =>
      one / 255 <= 0.04045 ? one / 255 / 12.92 : ((one / 255 + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = light(getComputedStyle(document.querySelector(".chart")).backgroundColor);
  return [0, 1, 2, 3, 4, 5, 6].map((slot) => {
    const one = document.createElement("i");
    one.className = `swatch c${slot}`;
    document.querySelector(".legend").append(one);
    const here = light(getComputedStyle(one).backgroundColor);
    return (Math.max(here, ground) + 0.05) / (Math.min(here, ground) + 0.05);
  });
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_colour_of_a_chart_stands_out(day: World, scheme: str) -> None:
    page, _ = opened(day, color_scheme=scheme)
    assert min(page.evaluate(CONTRAST)) >= 3
