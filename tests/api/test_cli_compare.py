"""`modelctl compare` against a control plane whose proxy the tests' upstream plays."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.api_server import Plane, write_catalog
from support.cli import call
from support.upstream import Upstream


@pytest.fixture
def plane(tmp_path: Path, upstream: Upstream, monkeypatch: pytest.MonkeyPatch) -> Iterator[Plane]:
    monkeypatch.setenv("MODELCTL_PROXY", upstream.url)
    made = Plane(write_catalog(tmp_path))
    monkeypatch.setenv("MODELCTL_SERVER", made.url)
    monkeypatch.chdir(tmp_path)
    yield made
    made.stop()


def test_a_table_and_the_answers(plane: Plane, upstream: Upstream) -> None:
    ran = call("compare", "fast", "slow", "--prompt", "hi", "--param", "temperature=0.5", "--param", "stop=[END]")
    assert ran.code == 0
    head, *rows = ran.out.splitlines()
    assert head.split()[:4] == ["MODEL", "RESULT", "FIRST", "TOKEN"]
    assert [row.split()[:2] for row in rows[:2]] == [["fast", "ok"], ["slow", "ok"]]
    assert "$0.000019" in rows[0]
    assert "listed price" in rows[0]
    assert "\nslow:\nmodel=slow" in ran.out
    body = upstream.requests("fast")[0]["body"]
    assert (body["temperature"], body["stop"], body["messages"][0]["content"]) == (0.5, ["END"], "hi")


def test_json_and_a_failure(plane: Plane, upstream: Upstream) -> None:
    upstream.behave("slow", status=500)
    ran = call("compare", "fast", "slow", "--prompt", "hi", "--json")
    fast, slow = json.loads(ran.out)
    assert (ran.code, fast["error"], fast["tokens"]) == (1, None, {"input": 5, "output": 7})
    assert slow["error"] == "slow fails on demand"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("fast", "solw", "--prompt", "hi"), 1, "did you mean `slow`"),
        (("fast", "slow", "tiny", "free", "acme-twin", "--prompt", "hi"), 1, "1 to 4"),
        (("fast", "slow", "--prompt", ""), 1, "the prompt is empty"),
        (("fast", "slow", "--prompt", "hi", "--param", "warm"), 2, "is no parameter"),
        (("fast", "slow"), 2, "--prompt"),
    ],
)
def test_what_cannot_be_asked(plane: Plane, words: tuple[str, ...], code: int, said: str) -> None:
    ran = call("compare", *words)
    assert (ran.code, said in ran.err, ran.out) == (code, True, "")


def test_nobody_there(plane: Plane, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODELCTL_SERVER", "http://127.0.0.1:9")
    ran = call("compare", "fast", "slow", "--prompt", "hi")
    assert (ran.code, "does not answer" in ran.err) == (4, True)
