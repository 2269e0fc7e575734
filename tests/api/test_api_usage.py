"""`/usage`, `/metrics` and `modelctl usage`, over figures that the test wrote as workers do."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from modelctl.hook.counted import Attempt, NotCounted, Request
from modelctl.hook.ledger import Ledger
from modelctl.service.usage_types import UsageAnswer
from modelctl.store.usage_store import HOUR, UsageStore
from modelctl.usage.figures import Series
from support.api_server import Plane, report, write_catalog
from support.cli import call, plain, seen
from support.openapi_shapes import fits

FAST = Series("active", "fast", "id-fast", "openai")
DEAR = Series("acme-twin", "acme-twin", "id-of-some-forty-letters-that-nobody-can-read", "openai")
TOKENS = {"prompt_tokens": 100, "completion_tokens": 40, "cached_read_tokens": 20}


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    made = Plane(write_catalog(tmp_path_factory.mktemp("usage")))
    report(made.store, "w1")
    now = time.time()
    kept = UsageStore(made.settings.state)
    for worker in ("w1", "w2"):
        ledger = Ledger()
        for _ in range(10):
            ledger.take([Attempt(now, FAST, 2.0, tokens=TOKENS, cost=0.5, first_token=0.25), Request(now, FAST, 2.1)])
        ledger.take([Attempt(now, DEAR, 30.0, failed="timeout"), Request(now, DEAR, 30.0, failed="timeout")])
        ledger.take([Attempt(now, DEAR, 1.0, tokens=TOKENS), Request(now, DEAR, 1.0), NotCounted(now, DEAR)])
        ledger.take([Request(now - 5 * HOUR, FAST, 1.0)])
        kept.write(worker, ledger.rows(), "LiteLLM 1.106.12, map 0")
    kept.close()
    yield made
    made.stop()


def usage(plane: Plane, **query: str) -> dict[str, Any]:
    reply = plane.client.get("/usage", params=query)
    assert reply.status_code == 200, reply.text
    assert fits(UsageAnswer, reply.json())
    return dict(reply.json())


def test_rows_say_what_was_counted_by_model(plane: Plane) -> None:
    fast, dear = usage(plane, **{"from": "1h"})["rows"]
    assert (fast["model"], fast["requests"], fast["succeeded"], fast["cost"]) == ("fast", 20, 20, 10.0)
    assert (fast["prompt_tokens"], fast["completion_tokens"], fast["cached_read_tokens"]) == (2000, 800, 400)
    assert fast["latency"]["mean"] == pytest.approx(2.1)
    assert fast["latency"]["p95"] == pytest.approx(2.1, rel=0.011)
    assert fast["first_token"]["p50"] == pytest.approx(0.25, rel=0.011)
    assert (dear["model"], dear["success_rate"], dear["failed"]["timeout"]) == ("acme-twin", 0.5, 2)
    assert (dear["cost"], dear["cost_unknown"], dear["not_counted"]) == (None, 2, 2)


@pytest.mark.parametrize(
    ("by", "names"),
    [
        ("provider", {("openai",)}),
        ("route", {("active",), ("acme-twin",)}),
        ("worker,model", {(worker, model) for worker in ("w1", "w2") for model in ("fast", "acme-twin")}),
        ("", {()}),
    ],
)
def test_rows_are_grouped_as_asked(plane: Plane, by: str, names: set[tuple[str, ...]]) -> None:
    rows = usage(plane, group_by=by)["rows"]
    groups = [name for name in by.split(",") if name]
    assert {tuple(row[name] for name in groups) for row in rows} == names
    assert sum(row["requests"] for row in rows) == 26


def test_steps_have_a_time_each(plane: Plane) -> None:
    rows = usage(plane, step="hour", group_by="model")["rows"]
    assert len({row["at"] for row in rows}) == 2
    assert sum(row["requests"] for row in rows) == 26


def test_csv_has_the_same_figures(plane: Plane) -> None:
    for ask in ({"params": {"format": "csv"}}, {"headers": {"accept": "text/csv"}}):
        reply = plane.client.get("/usage", **ask)
        assert reply.headers["content-type"] == "text/csv; charset=utf-8"
        rows = list(csv.DictReader(io.StringIO(reply.text)))
        assert [(row["model"], row["requests"], row["failed.timeout"]) for row in rows] == [
            ("fast", "22", "0"),
            ("acme-twin", "4", "2"),
        ]
        assert (rows[0]["cost"], rows[1]["cost"], rows[1]["latency.p99"][:2]) == ("10.0", "", "30")


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"group_by": "modle"}, "did you mean `model`?"),
        ({"from": "soon"}, "24h, 7d"),
        ({"from": "1h", "to": "3h"}, "must lie before"),
        ({"step": "0"}, "minute, hour, day"),
        ({"step": "minute", "from": "90d"}, "too many"),
        ({"format": "xml"}, "json"),
        ({"group_by": "x" * 400}, "300"),
    ],
)
def test_bad_questions_get_plain_words(plane: Plane, query: dict[str, str], words: str) -> None:
    reply = plane.client.get("/usage", params=query)
    assert reply.status_code == 400
    error = reply.json()["error"]
    assert words in json.dumps(error, ensure_ascii=False)


def test_openapi_tells_of_it(plane: Plane) -> None:
    paths = plane.client.get("/openapi.json").json()["paths"]
    assert {"application/json", "text/csv"} <= paths["/usage"]["get"]["responses"]["200"]["content"].keys()
    assert "/metrics" in paths


# -- Prometheus -------------------------------------------------------------------------------


def scraped(reply: httpx.Response) -> dict[str, list[Any]]:
    assert reply.status_code == 200, reply.text
    found: dict[str, list[Any]] = {}
    for family in text_string_to_metric_families(reply.text):
        for sample in family.samples:
            found.setdefault(sample.name, []).append(sample)
    return found


def test_metrics_are_the_same_figures_by_worker(plane: Plane) -> None:
    found = scraped(plane.client.get("/metrics"))
    requests = {
        (one.labels["worker"], one.labels["model_group"]): one.value for one in found["modelctl_requests_total"]
    }
    assert requests == {("w1", "fast"): 11, ("w2", "fast"): 11, ("w1", "acme-twin"): 2, ("w2", "acme-twin"): 2}
    labels = {"requested_model": "active", "route": "active", "model_group": "fast", "api_provider": "openai"}
    assert {**labels, "worker": "w1"} in [one.labels for one in found["modelctl_requests_total"]]
    assert {one.labels["route"] for one in found["modelctl_requests_total"]} == {"active", ""}
    timeouts = [one for one in found["modelctl_request_failures_total"] if one.labels["exception_class"] == "timeout"]
    assert sum(one.value for one in timeouts) == 2
    assert sum(one.value for one in found["modelctl_cost_usd_total"]) == 10
    assert sum(one.value for one in found["modelctl_attempts_cost_unknown_total"]) == 2
    mine = {"worker": "w1", "model_group": "fast"}
    buckets = [one for one in found["modelctl_request_seconds_bucket"] if mine.items() <= one.labels.items()]
    below = {one.labels["le"]: one.value for one in buckets}
    assert (below["0.5"], below["2.5"], below["+Inf"]) == (0, 11, 11)
    assert [one.value for one in found["modelctl_store_up"]] == [1]


def test_no_name_that_is_not_allowed_is_a_label(plane: Plane) -> None:
    labels = {
        name for samples in scraped(plane.client.get("/metrics")).values() for one in samples for name in one.labels
    }
    assert labels <= {
        "requested_model", "route", "model_group", "api_provider", "worker", "exception_class", "kind", "le",
        "source", "name", "unit", "rule", "severity", "revision",
    }  # fmt: skip


def test_a_scrape_while_the_store_is_locked_answers(plane: Plane) -> None:
    holder = sqlite3.connect(plane.settings.state / "usage.db", isolation_level=None)
    try:
        holder.execute("BEGIN IMMEDIATE")
        reply = plane.client.get("/metrics", timeout=10)
        assert [one.value for one in scraped(reply)["modelctl_store_up"]] == [1]  # readers do not wait for writers
    finally:
        holder.close()


def test_a_scrape_without_a_store_that_can_be_read_says_so(tmp_path: Path) -> None:
    plane = Plane(write_catalog(tmp_path))
    try:
        (plane.settings.state / "usage.db").write_text("no database at all" * 500)
        found = scraped(plane.client.get("/metrics"))
        assert [one.value for one in found["modelctl_store_up"]] == [0]
        assert "modelctl_requests_total" not in found
        reply = plane.client.get("/usage")
        assert (reply.status_code, reply.json()["error"]["code"]) == (503, "store_down")
    finally:
        plane.stop()


# -- the command ------------------------------------------------------------------------------


def test_the_command_prints_a_table_of_eighty_columns(plane: Plane) -> None:
    done = seen("usage", "--since", "1h", "--server", plane.url)
    assert done.code == 0, done.err
    lines = plain(done.out).splitlines()
    assert lines[0].split()[:3] == ["MODEL", "REQUESTS", "OK"]
    assert lines[1].split()[:6] == ["fast", "20", "100%", "2000", "800", "10.00"]
    assert lines[2].split()[:6] == ["acme-twin", "4", "50.0%", "200", "80", "?"]
    assert max(map(len, lines)) <= 80
    for by in ("deployment", "model,provider"):
        assert max(map(len, plain(seen("usage", "--by", by, "--server", plane.url).out).splitlines())) <= 80
    assert "2 requests are not counted" in done.err


def test_the_command_gives_json_and_refuses_as_the_server_does(plane: Plane) -> None:
    assert json.loads(call("usage", "--by", "route", "--json", "--server", plane.url).out)["group_by"] == ["route"]
    done = call("usage", "--by", "modle", "--server", plane.url)
    done_steps = call("usage", "--step", "hour", "--server", plane.url)
    assert (done_steps.code, done_steps.out.split()[0]) == (0, "AT")
    assert (done.code, "did you mean `model`?" in done.err) == (1, True)


# -- prices of today, and cost tools ----------------------------------------------------------

# Every column of FOCUS 1.2.
FOCUS = frozenset(
    [
        "AvailabilityZone",
        "BilledCost",
        "BillingAccountId",
        "BillingAccountName",
        "BillingAccountType",
        "BillingCurrency",
        "BillingPeriodEnd",
        "BillingPeriodStart",
        "CapacityReservationId",
        "CapacityReservationStatus",
        "ChargeCategory",
        "ChargeClass",
        "ChargeDescription",
        "ChargeFrequency",
        "ChargePeriodEnd",
        "ChargePeriodStart",
        "CommitmentDiscountCategory",
        "CommitmentDiscountId",
        "CommitmentDiscountName",
        "CommitmentDiscountQuantity",
        "CommitmentDiscountStatus",
        "CommitmentDiscountType",
        "CommitmentDiscountUnit",
        "ConsumedQuantity",
        "ConsumedUnit",
        "ContractedCost",
        "ContractedUnitPrice",
        "EffectiveCost",
        "InvoiceId",
        "InvoiceIssuerName",
        "ListCost",
        "ListUnitPrice",
        "PricingCategory",
        "PricingCurrency",
        "PricingCurrencyContractedUnitPrice",
        "PricingCurrencyEffectiveCost",
        "PricingCurrencyListUnitPrice",
        "PricingQuantity",
        "PricingUnit",
        "ProviderName",
        "PublisherName",
        "RegionId",
        "RegionName",
        "ResourceId",
        "ResourceName",
        "ResourceType",
        "ServiceCategory",
        "ServiceName",
        "ServiceSubcategory",
        "SkuId",
        "SkuMeter",
        "SkuPriceDetails",
        "SkuPriceId",
        "SubAccountId",
        "SubAccountName",
        "SubAccountType",
        "Tags",
    ]
)
NEVER_EMPTY = frozenset(
    [
        "BilledCost",
        "BillingAccountId",
        "BillingCurrency",
        "BillingPeriodEnd",
        "BillingPeriodStart",
        "ChargeCategory",
        "ChargePeriodEnd",
        "ChargePeriodStart",
        "ContractedCost",
        "EffectiveCost",
        "InvoiceIssuerName",
        "ListCost",
        "ProviderName",
        "PublisherName",
        "ServiceCategory",
        "ServiceName",
        "ServiceSubcategory",
        "PricingQuantity",
        "PricingUnit",
    ]
)


def test_focus_has_the_columns_of_the_specification_and_what_must_not_be_empty(plane: Plane) -> None:
    reply = plane.client.get("/usage", params={"format": "focus", "from": "3d"})
    assert (reply.status_code, reply.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    rows = list(csv.DictReader(io.StringIO(reply.text)))
    names = set(rows[0])
    assert {name for name in names - FOCUS if not name.startswith("x_")} == set()
    assert names >= NEVER_EMPTY
    assert all(row[name] for row in rows for name in NEVER_EMPTY)
    fast = [row for row in rows if row["ResourceId"] == "fast"]
    assert sum(float(row["BilledCost"]) for row in fast) == 10.0
    assert sum(int(row["ConsumedQuantity"]) for row in fast) == 2800
    dear = next(row for row in rows if row["ResourceId"] == "acme-twin")
    assert (dear["BilledCost"], dear["x_CallsOfUnknownCost"]) == ("0", "2")
    for row in rows:
        start, end = (datetime.fromisoformat(row[f"ChargePeriod{side}"]) for side in ("Start", "End"))
        month, after = (datetime.fromisoformat(row[f"BillingPeriod{side}"]) for side in ("Start", "End"))
        assert (end - start, start.hour) == (timedelta(days=1), 0)
        assert (month.day, after.day, month <= start < after) == (1, 1, True)
        assert json.loads(row["Tags"]) == {"route": row["ChargeDescription"].rpartition(" ")[2]}


def test_recost_is_what_the_tokens_cost_at_the_prices_of_today(plane: Plane) -> None:
    answer = usage(plane, **{"from": "1h", "recost": "true"})
    found = {row["model"]: (row["cost"], row["recost"]) for row in answer["rows"]}
    assert found == {"fast": (10.0, pytest.approx((2000 * 1 + 800 * 2) / 1e6)), "acme-twin": (None, None)}
    assert answer["price_maps"] == ["LiteLLM 1.106.12, map 0"]
    by_route = usage(plane, **{"from": "1h", "recost": "true", "group_by": "route"})["rows"]
    assert {row["route"]: row["recost"] for row in by_route} == {"active": found["fast"][1], "acme-twin": None}
    assert "recost" not in usage(plane, **{"from": "1h"})["rows"][0]


def test_the_command_shows_both_costs_and_writes_files(plane: Plane) -> None:
    told = call("usage", "--recost", "--since", "1h", "--server", plane.url)
    assert told.out.splitlines()[0].endswith("RECOST $")
    assert "0.0036" in told.out
    assert "note: costs were computed by LiteLLM 1.106.12, map 0" in told.err
    written = call("usage", "--format", "focus", "--since", "3d", "--server", plane.url).out
    assert written.startswith("BilledCost,BillingAccountId,")
    assert "model,requests" in call("usage", "--format", "csv", "--server", plane.url).out.splitlines()[0]


def test_a_plan_prices_a_moved_route_on_the_week_that_was_counted(plane: Plane) -> None:
    routes = plane.catalog / "routes.yaml"
    before = routes.read_text()
    routes.write_text(before.replace("target: fast", "target: slow"))
    try:
        moved = next(move for move in plane.client.get("/plan").json()["routes"] if move["name"] == "active")
        told = call("plan", "--against", plane.url, "--catalog", plane.catalog)
    finally:
        routes.write_text(before)
    fact = next(fact for fact in moved["facts"] if fact["name"] == "cost of last week")
    assert (fact["before"], fact["after"], fact["percent"]) == (0.0036, 0.0072, 100.0)
    assert "last week's tokens cost $0.0036, would cost $0.0072 (+100 %)" in told.out
