"""Each write leaves a line that says who did what, from where, and how it ended; nothing of it is secret."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from modelctl.api import guard
from modelctl.api.roles import NEEDED
from modelctl.system.token_file import add_token
from support.api_server import Plane, write_catalog
from support.waiting import wait_until

SECRET = "sk-proj-abcdefghijklmnopqrstuv"


@pytest.fixture
def plane(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Plane]:
    async def no_time(delay: float) -> None: ...

    monkeypatch.setattr(guard, "sleep", no_time)
    made = Plane(write_catalog(tmp_path), token_file=tmp_path / "tokens")
    yield made
    made.stop()


def lines(plane: Plane) -> list[dict[str, Any]]:
    path = plane.settings.state / "audit.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def test_a_selection(plane: Plane) -> None:
    plane.select("slow", actor="ana", reason=f"cheaper, {SECRET}")
    (line,) = lines(plane)
    assert line.pop("at").endswith("+00:00")
    assert line == {
        "who": "ana", "role": None, "from": "127.0.0.1", "what": "POST /models/select",
        "with": {"model_id": "slow", "reason": "cheaper, ***"}, "status": 200, "result": "done",
    }  # fmt: skip


def test_a_tokens_name_counts_not_what_the_body_says(plane: Plane, tmp_path: Path) -> None:
    token = add_token(tmp_path / "tokens", "bob", "select")
    headers = {"authorization": f"Bearer {token}"}
    plane.client.post("/models/select", json={"model_id": "slow", "actor": "ana"}, headers=headers)
    plane.client.post("/models/refresh", headers=headers)
    plane.client.post("/rollback", headers={"authorization": "Bearer wrong-token-that-is-long"})
    said = [(line["who"], line["role"], line["what"], line["status"], line["result"]) for line in lines(plane)]
    assert said == [
        ("bob", "select", "POST /models/select", 200, "done"),
        ("bob", "select", "POST /models/refresh", 403, "role"),
        ("api", None, "POST /rollback", 401, "unauthorized"),
    ]
    text = (plane.settings.state / "audit.jsonl").read_text()
    assert token not in text
    assert "wrong-token" not in text


def test_a_foreign_page_has_its_line(plane: Plane) -> None:
    plane.client.post("/models/select", json={"model_id": "slow"}, headers={"origin": "http://evil.example"})
    assert [(line["status"], line["result"]) for line in lines(plane)] == [(403, "forbidden")]


def test_each_write_has_one_and_reads_have_none(plane: Plane) -> None:
    for line in NEEDED:
        method, path = line.split(" ")
        path = path.replace("{provider}/{id:path}", "acme/none").replace("{name:path}", "none").replace("{id}", "none")
        if "/demo/" not in path and path != "/events":
            plane.client.request(method, path, headers={"content-type": "application/json"}, content=b"{")
    wanted = [line.split(" ")[0] for line, role in NEEDED.items() if role in ("select", "edit", "admin")]
    wait_until(lambda: len(lines(plane)) == len(wanted), "a line for each write")
    assert [line["what"].split(" ")[0] for line in lines(plane)] == wanted


def test_a_draft_and_a_prompt_stay_out(plane: Plane) -> None:
    plane.client.post("/compare", json={"prompt": "what only I may know", "models": ["fast"]})
    plane.client.post("/models/custom", json={"provider": "acme", "id": "new", "entry": {"description": "inner words"}})
    text = (plane.settings.state / "audit.jsonl").read_text()
    assert "may know" not in text
    assert "inner words" not in text
    assert lines(plane)[0]["with"] == {"models": ["fast"]}


@pytest.mark.parametrize("body", [b"[" * 5000, b"\xff", b"[1]", b'{"route": {"a": 1}, "reason": ["x"]}'])
def test_odd_bodies_leave_a_line_too(plane: Plane, body: bytes) -> None:
    plane.client.post("/models/select", content=body, headers={"content-type": "application/json"})
    assert [(line["status"], line["result"]) for line in lines(plane)] == [(400, "bad_request")]


def test_a_disk_that_is_full_keeps_nobody_from_writing(
    plane: Plane, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (plane.settings.state / "audit.jsonl").mkdir()
    assert [plane.select("slow").status_code, plane.select("fast").status_code] == [200, 200]
    assert ["audit line cannot be written" in record.message for record in caplog.records] == [True]


def test_to_the_log(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    plane = Plane(write_catalog(tmp_path), audit="log")
    try:
        plane.select("slow")
    finally:
        plane.stop()
    assert [json.loads(line)["what"] for line in capfd.readouterr().out.splitlines()] == ["POST /models/select"]
    assert not (plane.settings.state / "audit.jsonl").exists()
