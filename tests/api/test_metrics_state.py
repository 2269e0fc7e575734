"""What `/metrics` says of routes, guards, splits, budgets, problems and alerts; and the Grafana dashboard over it."""

from __future__ import annotations

import json
import re
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from modelctl.api.metrics_endpoint import DASHBOARD
from modelctl.hook.counted import Attempt, NotCounted, Request
from modelctl.hook.ledger import Ledger
from modelctl.service.webhook import Webhook
from modelctl.state.budgeting import Spent
from modelctl.state.cooldown import Cooldown, RateLimit, RouterHealth
from modelctl.state.selection import HistoryEntry, Selection
from modelctl.state.terms import Budget
from modelctl.store.usage_store import UsageStore
from modelctl.usage.figures import Series
from support.api_server import Plane, report, write_catalog

ROUTES = """\
active: {target: fast, fallbacks: [slow], guard: {error_rate: 0.5}}
dealt: {target: fast, split: {fast: 90, slow: 10}}
"""
FUNCTIONS = {"sum", "min", "max", "rate", "increase", "changes", "histogram_quantile", "vector", "by", "or"}
SCRAPE = {"le"}  # of histograms


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    """With something of everything that is told."""
    made = Plane(write_catalog(tmp_path_factory.mktemp("metrics"), routes=ROUTES))
    worker = report(made.store, "w1")
    now = time.time()
    cooled = Cooldown("d", "fast", "rate_limit", now, now + 600, "RateLimitError", 429)
    limit = RateLimit("d", "fast", now, 1, 10, 2, 20)
    report(made.store, "w2", error="refused")
    made.store.report(type(worker)(**{**_fields(worker), "health": RouterHealth((cooled,), limits=(limit,))}))
    series, ledger = Series("active", "fast", "d", "openai"), Ledger()
    ledger.take([
        Attempt(now, series, 1.0, tokens={"prompt_tokens": 5}, cost=0.1, first_token=0.1), Request(now, series, 1.0),
        Attempt(now, series, 1.0, failed="timeout"), Request(now, series, 1.0, failed="timeout"),
        NotCounted(now, series),
    ])  # fmt: skip
    kept = UsageStore(made.settings.state)
    kept.write("w1", ledger.rows())
    kept.close()
    made.service.budgets = (Spent("model", "fast", Budget(per_day=20.0), 5.0, 0),)
    made.service.delivery = Webhook()
    yield made
    made.stop()


def _fields(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__slots__}


def told(plane: Plane) -> dict[str, list[tuple[dict[str, str], float]]]:
    found: dict[str, list[tuple[dict[str, str], float]]] = {}
    for family in text_string_to_metric_families(plane.client.get("/metrics").raise_for_status().text):
        for sample in family.samples:
            found.setdefault(sample.name, []).append((sample.labels, sample.value))
    return found


def test_routes_tell_where_they_point_and_whose_choice_it_is(plane: Plane) -> None:
    found = told(plane)
    assert ({"route": "active", "model_group": "fast", "source": "git"}, 1) in found["modelctl_route_info"]
    assert ({"route": "dealt", "model_group": "slow"}, 0.1) in found["modelctl_split_share_ratio"]
    assert found["modelctl_guard_moved"] == [({"route": "active"}, 0)]
    head, now = plane.store.head(), time.time()
    moved = Selection("slow", "fast", "guard", now, guarded="fast")
    entry = HistoryEntry("select", now, "guard", "active")
    plane.store.commit(head.version, selections={"active": (moved,)}, entries=[entry])
    found = told(plane)
    assert ({"route": "active", "model_group": "slow", "source": "guard"}, 1) in found["modelctl_route_info"]
    assert found["modelctl_guard_moved"] == [({"route": "active"}, 1)]
    plane.store.commit(plane.store.head().version, selections={}, entries=[])


def test_budgets_workers_problems_and_alerts_are_told(plane: Plane) -> None:
    found = told(plane)
    labels = {"kind": "model", "name": "fast", "unit": "USD"}
    assert (found["modelctl_budget_used"], found["modelctl_budget_limit"]) == ([(labels, 5)], [(labels, 20)])
    assert (found["modelctl_workers"], found["modelctl_store_up"]) == ([({}, 2)], [({}, 1)])
    assert found["modelctl_workers_behind"][0][1] >= 1
    assert ({"rule": "worker-refuses", "severity": "error"}, 1) in found["modelctl_problems"]
    assert found["modelctl_revision_info"] == [({"revision": plane.store.head().revision}, 1)]
    assert (found["modelctl_alerts_sent_total"], found["modelctl_alerts_lost_total"]) == ([({}, 0)], [({}, 0)])


def test_what_can_be_read_is_told_while_usage_cannot(tmp_path: Path) -> None:
    made = Plane(write_catalog(tmp_path, routes=ROUTES))
    try:
        (made.settings.state / "usage.db").write_text("no database at all" * 500)
        found = told(made)
        assert found["modelctl_store_up"] == [({}, 0)]
        assert {labels["route"] for labels, _ in found["modelctl_route_info"]} == {"active", "dealt"}
    finally:
        made.stop()


def test_a_scrape_does_not_wait_for_who_writes_state_or_usage(plane: Plane) -> None:
    holders = [
        sqlite3.connect(plane.settings.state / name, isolation_level=None) for name in ("modelctl.db", "usage.db")
    ]
    try:
        for holder in holders:
            holder.execute("BEGIN IMMEDIATE")
        assert told(plane)["modelctl_store_up"] == [({}, 1)]
    finally:
        for holder in holders:
            holder.close()


# -- the dashboard ------------------------------------------------------------------------------


def expressions() -> list[str]:
    board = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    found = [target["expr"] for panel in board["panels"] for target in panel.get("targets", ())]
    found += [each["expr"] for each in board["annotations"]["list"]]
    return found + [each["definition"] for each in board["templating"]["list"] if each["type"] == "query"]


def legends() -> list[tuple[str, str]]:
    board = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    return [(one["expr"], one["legendFormat"]) for panel in board["panels"] for one in panel.get("targets", ())]


def test_every_metric_and_label_of_the_dashboard_is_told(plane: Plane) -> None:
    found = told(plane)
    assert len(expressions()) > 20
    for text in expressions():
        names = re.findall(r"modelctl_\w+", text)
        assert names, text
        for name in names:
            assert name in found, name
        labels = {label for name in names for values, _ in found[name] for label in values}
        asked = {part.strip() for group in re.findall(r"by \(([^)]*)\)", text) for part in group.split(",")}
        asked |= set(re.findall(r"(\w+)=~?\"", text)) | set(re.findall(r"label_values\(\w+, (\w+)\)", text))
        assert asked <= labels | SCRAPE, (text, asked - labels)


def test_legends_name_labels_that_the_expression_leaves() -> None:
    for text, legend in legends():
        left = {part.strip() for group in re.findall(r"by \(([^)]*)\)", text) for part in group.split(",")}
        assert set(re.findall(r"{{(\w+)}}", legend)) <= left, (text, legend)


def test_expressions_are_whole_and_use_what_prometheus_has() -> None:
    for text in expressions():
        bare = re.sub(r"\"[^\"]*\"", "", text)
        assert all(bare.count(a) == bare.count(b) for a, b in ("()", "[]", "{}")), text
        called = set(re.findall(r"([a-z_]+) ?\(", re.sub(r"by \([^)]*\)", "", bare))) - {"label_values"}
        assert called <= FUNCTIONS, (text, called)


def test_the_dashboard_is_answered_and_imports_without_a_fixed_data_source(plane: Plane) -> None:
    board = plane.client.get("/metrics/grafana.json").raise_for_status().json()
    ids = [panel["id"] for panel in board["panels"]]
    assert len(set(ids)) == len(ids)
    assert board["title"] == "modelctl"
    sources = {json.dumps(panel["datasource"]) for panel in board["panels"] if "datasource" in panel}
    assert sources == {json.dumps({"type": "prometheus", "uid": "${datasource}"})}
    where = [(one["x"], one["y"]) for one in (panel["gridPos"] for panel in board["panels"])]
    assert len(set(where)) == len(where)
    assert Path(DASHBOARD).is_file()
