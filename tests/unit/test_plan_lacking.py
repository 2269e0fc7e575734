"""Which edits take something away, so that they may be half of one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from modelctl.pipeline import build
from modelctl.plan import takes_away
from modelctl.state.lacks import lacks
from support.api_server import ACME, OTHER, ROUTES, write_catalog


def says(folder: Path, **files: str) -> bool:
    before, after = build(write_catalog(folder / "a")), build(write_catalog(folder / "b", **files))
    assert before.desired is not None
    assert after.desired is not None, [str(each) for each in after.problems]
    return takes_away(before.desired, after.desired)


@pytest.mark.parametrize(
    "files",
    [
        {"providers_acme": ACME.replace("  vectors: {mode: embedding, context_window: 8000}\n", "")},
        {"providers_acme": ACME.replace(", price: {input: 2, output: 4}", "")},
        {"providers_acme": ACME.replace("api_base: http://localhost:9/v1\n", "")},
        {"providers_acme": ACME.replace("name: Acme\n", "description: x\n").replace("context_window: 1000, ", "")},
        {"routes": ROUTES.split("side:")[0]},
        {"routes": ROUTES.replace("  requires: {tools: true, context_window: 4000}\n", "")},
        {"routes": ROUTES.replace(", context_window: 4000", "")},
        {"providers_other": OTHER.split("  twin:")[0]},
    ],
    ids=["model", "price", "api_base", "fact", "route", "requires", "one-of-them", "rest-of-the-file"],
)
def test_takes_away(tmp_path: Path, files: dict[str, str]) -> None:
    assert says(tmp_path, **files)


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"providers_acme": ACME.replace("output: 4", "output: 5")},
        {"providers_acme": ACME + "  more: {mode: chat, context_window: 1000}\n"},
        {"providers_acme": ACME.replace("localhost:9", "localhost:8")},
        {"routes": ROUTES.replace("target: fast", "target: slow")},
        {"routes": ROUTES + "new:\n  target: fast\n"},
        {"providers_third": ACME.replace("acme-twin", "third-twin").replace("  old:", "  old-one:")
            .replace("  fast:", "  a3:").replace("  slow:", "  b3:").replace("  tiny:", "  c3:")
            .replace("  vectors:", "  d3:")},
    ],
    ids=["nothing", "price", "model", "api_base", "target", "route", "provider"],
)  # fmt: skip
def test_adds_or_replaces(tmp_path: Path, files: dict[str, str]) -> None:
    assert not says(tmp_path, **files)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"a": 1}, {"a": 2}, False),
        ({"a": 1}, {"a": None}, True),
        ({"a": {"b": 1}}, {"a": {}}, True),
        ({"a": {"b": 1}}, {"a": "other"}, False),
        ([1, 2], [3, 4], False),
        ([1, 2], [1], True),
        ([{"a": [1, 2]}], [{"a": [1]}, {"b": []}], True),
        ("one\ntwo\n", "one\n", True),
        ("one\ntwo\n", "one\nthree\n", False),
        ("gpt-4.1", "gpt-4", False),
    ],
)
def test_what_a_value_lacks(before: Any, after: Any, expected: bool) -> None:
    assert lacks(before, after) is expected
