"""`/models/*` over HTTP: the shapes that its users know, and the switch."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from support.api_server import ACME, Follower, Plane, report, write_catalog

MODEL_FIELDS = {
    "id", "name", "provider", "description", "context_window", "supports_streaming", "supports_tools",
    "supports_vision", "is_reasoning", "public_name", "mode", "price", "max_output_tokens",
    "lifecycle", "available", "reason", "tags",
}  # fmt: skip


@pytest.fixture
def plane(tmp_path: Path) -> Iterator[Plane]:
    made = Plane(write_catalog(tmp_path))
    yield made
    made.stop()


@pytest.fixture(scope="module")
def steady(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    """For requests that change nothing."""
    made = Plane(write_catalog(tmp_path_factory.mktemp("steady")))
    yield made
    made.stop()


def test_list(plane: Plane) -> None:
    answer = plane.client.get("/models/list").json()
    assert [(one["id"], one["name"]) for one in answer] == [("acme", "Acme"), ("other", "Other")]
    assert all(set(model) >= MODEL_FIELDS for one in answer for model in one["models"])
    assert all(model["provider"] == one["id"] for one in answer for model in one["models"])


def test_list_says_what_is_not_available(plane: Plane) -> None:
    report(plane.store, unset=["ACME_KEY"])
    models = {one["id"]: one for each in plane.client.get("/models/list").json() for one in each["models"]}
    assert (models["fast"]["available"], models["fast"]["reason"]) == (False, "ACME_KEY is not set")
    assert (models["free"]["available"], models["free"]["reason"]) == (True, None)
    assert models["old"]["reason"] == "retired on 2024-01-02; use fast"


def test_selecting_what_is_there_writes_nothing(plane: Plane) -> None:
    first = plane.select("slow", reason="once").json()
    again = plane.select("slow", reason="once more").json()
    assert (first.get("already", False), again["already"], again["version"]) == (False, True, first["version"])
    assert [one["reason"] for one in plane.client.get("/history").json()] == ["once"]
    assert plane.client.post("/rollback", json={}).json()["target"] == "fast"


def test_providers(plane: Plane) -> None:
    assert plane.client.get("/models/providers").json() == ["acme", "other"]


def test_current_and_select(plane: Plane) -> None:
    before = plane.client.get("/models/current").json()
    assert (before["model_id"], before["provider"], before["model_info"]["id"]) == ("fast", "acme", "fast")
    answer = plane.select("slow", provider="acme")
    assert answer.status_code == 200
    chosen = answer.json()
    assert {key: chosen[key] for key in ("model_id", "provider", "route", "previous", "until", "workers")} == {
        "model_id": "slow", "provider": "acme", "route": "active", "previous": "fast", "until": None, "workers": [],
    }  # fmt: skip
    assert chosen["model_info"]["public_name"] == "slow"
    now = plane.client.get("/models/current").json()
    assert (now["model_id"], now["source"], now["version"]) == ("slow", "run-time", chosen["version"])


def test_current_under_a_wildcard_knows_nothing_of_the_model(plane: Plane) -> None:
    assert plane.select("many/things", route="side").status_code == 200
    now = plane.client.get("/models/current", params={"route": "side"}).json()
    assert (now["model_id"], now["provider"], now["model_info"]) == ("many/things", "other", None)


def test_select_of_a_group_lists_its_members(tmp_path: Path) -> None:
    model = "{load_balanced: true, supports_tools: true, context_window: 9000}"
    text = "litellm_provider: openai\napi_key: none\napi_base: http://{host}/v1\nmodels: {{same: {model}}}\n"
    one, two = (text.format(host=host, model=model) for host in ("one", "two"))
    plane = Plane(write_catalog(tmp_path, providers_one=one, providers_two=two))
    try:
        assert plane.service.problems == ()
        assert plane.select("same").json()["members"] == ["one/same", "two/same"]
    finally:
        plane.stop()


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({"model_id": "fsat"}, 404, "did you mean `fast`"),
        ({"model_id": "fast", "provider": "acne"}, 404, "did you mean `acme`"),
        ({"model_id": "fast", "route": "activ"}, 404, "did you mean `active`"),
        ({"model_id": "twin"}, 400, "`acme`, `other`"),
        ({"model_id": "side"}, 409, "is a route"),
        ({"model_id": "tiny"}, 409, "may not point to"),
        ({"model_id": "old"}, 409, "may not point to"),
        ({}, 400, "`model_id`: is required"),
        ({"model_id": 5}, 400, "`model_id`"),
        ({"model_id": "fast", "for": 0}, 400, "`for`"),
        ({"model_id": "fast", "for": "2h"}, 400, "`for`"),
        ({"model_id": "fast", "for": True}, 400, "`for`"),
        ({"model_id": "fast", "for": 1e300}, 400, "`for`"),
        ({"model_id": "fast", "reasn": "x"}, 400, "`reasn`: unknown field"),
        ({"model_id": "x" * 301}, 400, "`model_id`"),
        ({"model_id": "fast", "reason": "a\u001b[2J"}, 400, "control characters"),
        ({"model_id": "\u0000"}, 400, "control characters"),
        ({"model_id": ""}, 400, "empty"),
        ([], 400, ""),
        ("fast", 400, ""),
        (None, 400, ""),
    ],
)
def test_select_refuses(steady: Plane, body: object, status: int, said: str) -> None:
    answer = steady.client.post("/models/select", json=body)
    error = answer.json()["error"]
    assert (answer.status_code, answer.json()["src"]) == (status, "modelctl")
    assert said in error["message"]
    assert steady.client.get("/models/current").json()["model_id"] == "fast"


def test_select_refused_says_every_reason(plane: Plane) -> None:
    problems = plane.select("tiny").json()["error"]["problems"]
    assert len(problems) == 2
    forced = plane.select("tiny", force=True)
    assert forced.status_code == 200
    assert [each["message"] for each in forced.json()["problems"]] == [each["message"] for each in problems]


def test_select_waits_for_the_acks(plane: Plane) -> None:
    workers = [Follower(plane.settings.state, name) for name in ("w1", "w2")]
    try:
        answer = plane.select("slow").json()
    finally:
        for worker in workers:
            worker.stop()
    assert answer["workers"] == [{"id": name, "acked": True, "error": None} for name in ("w1", "w2")]


def test_select_says_who_has_not_acked_within_a_second(plane: Plane) -> None:
    workers = [
        Follower(plane.settings.state, "deaf", deaf=True),
        Follower(plane.settings.state, "good"),
        Follower(plane.settings.state, "nack", nack="upstream is unknown"),
    ]
    began = time.monotonic()
    try:
        answer = plane.select("slow").json()
    finally:
        for worker in workers:
            worker.stop()
    assert time.monotonic() - began > 0.9  # that long it waited for the deaf one
    assert answer["workers"] == [
        {"id": "deaf", "acked": False, "error": "has not answered within 1 s"},
        {"id": "good", "acked": True, "error": None},
        {"id": "nack", "acked": False, "error": "upstream is unknown"},
    ]


def test_select_with_a_time_limit_ends_by_itself(plane: Plane) -> None:
    answer = plane.select("slow", **{"for": 0.2}).json()
    assert answer["until"] == pytest.approx(time.time() + 0.2, abs=2)
    plane.client.get("/models/current")
    while time.time() < answer["until"]:
        assert plane.client.get("/healthz").status_code == 200
    assert plane.client.get("/models/current").json()["model_id"] == "fast"


def test_dry_run(plane: Plane) -> None:
    answer = plane.select("slow", dry_run=True).json()
    assert (answer["target"], answer["dry_run"]) == ("slow", True)
    assert plane.client.get("/models/current").json()["model_id"] == "fast"


def test_rollback_and_history(plane: Plane) -> None:
    plane.select("slow", actor="ada", reason="cheaper")
    plane.select("acme-twin", actor="bob")
    assert plane.client.post("/rollback", json={"actor": "eve"}).json()["target"] == "slow"
    assert plane.client.post("/rollback").json()["target"] == "fast"
    refused = plane.client.post("/rollback")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "refused")
    history = plane.client.get("/history").json()
    assert [(one["action"], one["actor"], one["before"], one["after"]) for one in history] == [
        ("rollback", "api", "slow", "fast"),
        ("rollback", "eve", "acme-twin", "slow"),
        ("select", "bob", "slow", "acme-twin"),
        ("select", "ada", "fast", "slow"),
    ]
    assert history[-1]["reason"] == "cheaper"


def test_refresh(plane: Plane) -> None:
    assert plane.client.post("/models/refresh").json()["result"] == "unchanged"
    write_catalog(plane.catalog.parent, providers_acme=ACME.replace("output: 4", "output: 5"))
    answer = plane.client.post("/models/refresh", json={}).json()
    assert (answer["result"], answer["problems"]) == ("published", [])
    write_catalog(plane.catalog.parent, providers_acme=": [")
    broken = plane.client.post("/models/refresh", json={"force": True}).json()
    assert (broken["result"], broken["revision"]) == ("refused", answer["revision"])
    assert broken["problems"][0]["line"] == 1


def test_a_publish_over_another_state_is_refused(plane: Plane) -> None:
    write_catalog(plane.catalog.parent, providers_acme=ACME.replace("output: 4", "output: 5"))
    read, plan = plane.client.get("/models/list").headers["etag"], plane.client.get("/plan").json()["digest"]
    writes: list[tuple[str, dict[str, str]]] = [("/models/refresh", {}), ("/apply", {"plan": plan})]
    for path, body in writes:
        for tag in ('"v0-0"', '"nonsense"'):
            answer = plane.client.post(path, json=body, headers={"If-Match": tag})
            assert (answer.status_code, answer.json()["error"]["code"]) == (412, "stale")
    assert plane.client.post("/models/refresh", headers={"If-Match": read}).json()["result"] == "published"


def test_a_forced_select_says_what_is_not_set(plane: Plane) -> None:
    report(plane.store, unset=["ACME_KEY"])
    told = plane.select("slow", force=True).json()["model_info"]
    assert (told["available"], told["reason"]) == (False, "ACME_KEY is not set")


def test_hundred_selects_at_once(plane: Plane) -> None:
    with ThreadPoolExecutor(32) as pool:
        answers = list(pool.map(lambda n: plane.select("slow" if n % 2 else "acme-twin", reason=str(n)), range(100)))
    assert {answer.status_code for answer in answers} == {200}
    said = [answer.json() for answer in answers]
    moved = sorted((one["version"], one["target"]) for one in said if not one.get("already"))
    assert [version for version, _ in moved] == list(range(moved[0][0], moved[0][0] + len(moved)))
    assert {target: 1 for _, target in moved} == {"slow": 1, "acme-twin": 1}
    assert all((one["version"], one["target"]) in moved for one in said if one.get("already"))
    assert plane.client.get("/models/current").json()["target"] == moved[-1][1]
    entries = plane.client.get("/history", params={"limit": 1000}).json()
    assert [(one["version"], one["after"]) for one in reversed(entries)] == moved
    assert all(one["before"] != one["after"] for one in entries)


def test_catalog_without_routes(tmp_path: Path) -> None:
    plane = Plane(write_catalog(tmp_path, routes=""))
    try:
        for answer in (plane.client.get("/models/current"), plane.select("fast")):
            assert answer.status_code == 404
            assert "active:\n  target: fast" in answer.json()["error"]["hint"]
        assert plane.client.get("/routes").json() == []
    finally:
        plane.stop()
