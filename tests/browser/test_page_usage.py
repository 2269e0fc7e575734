"""The figures of models and routes on the page, as workers counted them."""

from __future__ import annotations

import time

from playwright.sync_api import expect

from modelctl.hook.counted import Attempt, NotCounted, Request
from modelctl.hook.ledger import Ledger
from modelctl.store.usage_store import UsageStore
from modelctl.usage.figures import Series
from support.page import World

ALPHA = Series("active", "alpha", "id-alpha", "openai")
ZED = Series("zed", "zed", "id-zed", "openai")


def count(world: World) -> None:
    now, ledger = time.time(), Ledger()
    for _ in range(1200):
        ledger.take([Attempt(now, ALPHA, 2.0, tokens={"prompt_tokens": 1000}, cost=0.01, first_token=0.2)])
        ledger.take([Request(now, ALPHA, 2.1)])
    ledger.take([Attempt(now, ZED, 0.5), Request(now, ZED, 0.5), NotCounted(now, ZED)])
    ledger.take([Attempt(now, ZED, 9.0, failed="timeout"), Attempt(now, ZED, 9.0, failed="timeout")])
    ledger.take([Request(now, ZED, 18.0, failed="timeout")])
    kept = UsageStore(world.state)
    kept.write("w1", ledger.rows())
    kept.close()


def test_figures_stand_by_model_and_by_route_and_say_what_they_lack(world: World) -> None:
    page = world.visit().open()
    page.goto("/#usage")
    section = page.locator("#section-usage")
    expect(section).to_contain_text("No requests in this period.")
    count(world)
    section.get_by_label("Time").select_option("1h")
    rows = section.locator("tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.nth(0)).to_contain_text("alpha1,200100 %")
    expect(rows.nth(0)).to_contain_text("$12.00")
    expect(rows.nth(1)).to_contain_text("zed250.0 %")
    expect(rows.nth(1)).to_contain_text("unknown")
    expect(section).to_contain_text("1 further calls were retries and fallbacks.")
    expect(section).to_contain_text("1 requests are not counted")
    section.get_by_label("Group").select_option("route")
    expect(rows.nth(0).locator("th")).to_have_text("active")
