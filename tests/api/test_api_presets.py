"""`/presets`: saved under a name, shared as YAML, applied as a selection."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import yaml

from modelctl.api import presets_endpoint as shapes
from support.api_server import Follower, Plane, write_catalog
from support.openapi_shapes import fits

HAND = """\
# What the team uses. Keep it short.
review:  # code review
  model: slow
  params: {temperature: 0}

# For the bot.
bot:
  route: side
  model: free
"""
CALM = {"name": "calm", "model": "slow", "description": "for prose", "params": {"temperature": 0.2, "stop": ["END"]}}


@pytest.fixture
def plane(tmp_path: Path) -> Iterator[Plane]:
    made = Plane(write_catalog(tmp_path))
    yield made
    made.stop()


def save(plane: Plane, **fields: Any) -> Any:
    return plane.client.post("/presets", json={**CALM, **fields})


def test_save_list_apply(plane: Plane) -> None:
    answer = save(plane)
    said = answer.json()
    assert (answer.status_code, answer.headers["etag"]) == (201, f'"{said["preset"]["digest"]}"')
    assert fits(shapes.PresetWritten, said)
    assert (
        (plane.catalog / "presets.yaml").read_text()
        == said["preset"]["text"]
        == (
            "calm:\n  route: active\n  model: slow\n  description: for prose\n"
            "  params:\n    temperature: 0.2\n    stop: [END]\n"
        )
    )
    assert "+calm:" in said["diff"]
    assert fits(list[shapes.PresetAnswer], plane.client.get("/presets").json())
    worker = Follower(plane.settings.state)
    try:
        applied = plane.client.post("/presets/calm/apply").json()
    finally:
        worker.stop()
    assert fits(shapes.PresetApplied, applied)
    assert (applied["target"], applied["previous"], applied["params"]) == ("slow", "fast", CALM["params"])
    assert [one["acked"] for one in applied["workers"]] == [True]
    now = plane.client.get("/models/current").json()
    assert (now["model_id"], now["reason"]) == ("slow", "preset calm")


def test_apply_for_a_while_and_only_to_see(plane: Plane) -> None:
    save(plane)
    dry = plane.client.post("/presets/calm/apply", json={"dry_run": True}).json()
    assert (dry["dry_run"], plane.client.get("/models/current").json()["model_id"]) == (True, "fast")
    assert plane.client.post("/presets/calm/apply", json={"for": 60}).json()["until"] is not None


def test_apply_is_refused_as_a_selection_is(plane: Plane) -> None:
    save(plane, name="small", model="tiny")
    answer = plane.client.post("/presets/small/apply")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "refused")
    assert plane.client.post("/presets/small/apply", json={"force": True}).status_code == 200


@pytest.mark.parametrize(
    ("fields", "status", "said"),
    [
        ({"model": "solw"}, 404, "did you mean `slow`"),
        ({"route": "activ"}, 404, "did you mean `active`"),
        ({"model": "fast", "provider": "acne"}, 404, "did you mean `acme`"),
        ({"model": "twin"}, 400, "`acme`, `other`"),
        ({"model": ""}, 400, "`model` is empty"),
        ({"name": ""}, 400, "empty"),
        ({"name": "x-mine"}, 400, "anchors"),
        ({"name": "a\nb"}, 400, "control characters"),
        ({"name": "a" * 301}, 400, "name"),
        ({"params": {"api_key": "sk-live-0123456789abcdef"}}, 409, "secret"),
        ({"params": {"x": "y" * 9000}}, 400, "bytes"),
        ({"parms": {}}, 400, "unknown field"),
    ],
)
def test_what_cannot_be_saved(plane: Plane, fields: dict[str, Any], status: int, said: str) -> None:
    answer = save(plane, **fields)
    assert (answer.status_code, said in answer.json()["error"]["message"]) == (status, True), answer.text
    assert "0123456789abcdef" not in answer.text
    assert not (plane.catalog / "presets.yaml").exists()


@pytest.mark.parametrize(
    "name", ["yes", "1", "null", "<<", "=", "a: b", "# c", "<script>", "../../etc/x", "ünï code", "'"]
)
def test_any_printable_name_will_do(plane: Plane, name: str) -> None:
    assert save(plane, name=name).status_code == 201
    assert list(yaml.safe_load((plane.catalog / "presets.yaml").read_text())) == [name]
    assert [one["name"] for one in plane.client.get("/presets").json()] == [name]


def test_an_edit_leaves_the_rest_as_it_is(plane: Plane) -> None:
    (plane.catalog / "presets.yaml").write_text(HAND)
    digest = next(one["digest"] for one in plane.client.get("/presets").json() if one["name"] == "bot")
    body = {"route": "side", "model": "free", "params": {"top_p": 0.5}}
    answer = plane.client.put("/presets/bot", json=body, headers={"If-Match": f'"{digest}"'})
    assert answer.status_code == 200
    text = (plane.catalog / "presets.yaml").read_text()
    assert text == HAND.replace("  model: free\n", "  model: free\n  params: {top_p: 0.5}\n")
    gone = plane.client.delete("/presets/bot", headers={"If-Match": answer.headers["etag"]})
    assert (gone.status_code, fits(shapes.PresetWritten, gone.json())) == (200, True)
    assert [one["name"] for one in plane.client.get("/presets").json()] == ["review"]
    assert "# code review" in (plane.catalog / "presets.yaml").read_text()


def test_the_second_of_two_gets_both_texts(plane: Plane) -> None:
    first = save(plane).headers["etag"]
    put = {"headers": {"If-Match": first}}
    assert plane.client.put("/presets/calm", json={"model": "fast"}, **put).status_code == 200
    late = plane.client.put("/presets/calm", json={"model": "free"}, **put)
    conflict = late.json()["error"]["conflict"]
    assert (late.status_code, "fast" in conflict["theirs"], "free" in conflict["yours"]) == (412, True, True)
    assert save(plane).status_code == 409
    assert plane.client.put("/presets/calm", json={"model": "fast"}).status_code == 428
    again = plane.client.put("/presets/calm", json={"model": "free"}, headers={"If-Match": f'"{conflict["digest"]}"'})
    assert again.status_code == 200


def test_different_presets_at_once_all_land(plane: Plane) -> None:
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda n: save(plane, name=f"p{n}"), range(6)))
    assert [one.status_code for one in answers] == [201] * 6
    assert {one["name"] for one in plane.client.get("/presets").json()} == {f"p{n}" for n in range(6)}


def test_unknown_names(plane: Plane) -> None:
    save(plane)
    for answer in (
        plane.client.post("/presets/clam/apply"),
        plane.client.put("/presets/clam", json={"model": "fast"}, headers={"If-Match": "*"}),
        plane.client.delete("/presets/clam", headers={"If-Match": "*"}),
    ):
        assert (answer.status_code, "did you mean `calm`" in answer.text) == (404, True)


def test_what_hands_wrote_is_shown_with_its_reason(plane: Plane) -> None:
    (plane.catalog / "presets.yaml").write_text("lost: {model: gone-model}\nbare: {params: {top_p: 1}}\n")
    lost, bare = plane.client.get("/presets").json()
    assert (lost["public_name"], "no model `gone-model`" in lost["reason"]) == (None, True)
    assert plane.client.post("/presets/bare/apply").status_code == 409
    assert bare["params"] == {"top_p": 1}


def test_a_broken_file_says_where(plane: Plane) -> None:
    (plane.catalog / "presets.yaml").write_text("calm: {modl: fast}\n")
    answer = plane.client.get("/presets")
    assert (answer.status_code, answer.json()["error"]["problems"][0]["line"]) == (409, 1)
    assert save(plane, name="other").status_code == 409
    assert (plane.catalog / "presets.yaml").read_text() == "calm: {modl: fast}\n"


def test_a_secret_in_the_file_is_in_no_answer(plane: Plane) -> None:
    (plane.catalog / "presets.yaml").write_text("calm:\n  model: slow\n  params: {api_key: sk-live-0123456789abcdef}\n")
    answers = [
        plane.client.get("/presets"),
        plane.client.post("/presets/calm/apply", json={}),
        save(plane),
        plane.client.delete("/presets/calm", headers={"If-Match": '"stale"'}),
        plane.client.delete("/presets/calm", headers={"If-Match": "*"}),
    ]
    assert [one.status_code for one in answers] == [200, 200, 409, 412, 200]
    assert not [one.text for one in answers if "0123456789abcdef" in one.text]
