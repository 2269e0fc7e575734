"""Results by content: the same answer as working it out, never a wrong one, and never a reason to fail."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from modelctl import shipped
from modelctl.build import build_cache
from modelctl.build.rendering import render_text
from modelctl.pipeline import Build, Builder
from support.catalogs import TODAY, write

FILES = {
    "providers/openai": "api_key: os.environ/KEY\nmodels: {gpt-5-mini: {price: {input: 0.1}, fallbacks: [b]}, b: {}}",
    "providers/openai/c": "lifecycle: {retires: 2020-01-01}",
    "routes": "active: {target: gpt-5-mini, requires: {tools: true}, choices: {tags: [x]}, fallbacks: []}",
    "proxy": "general_settings: {a: [1.5, null]}",
}


def build(folder: Path, cache: Path | None) -> Build:
    return Builder(folder, TODAY, cache).build()


def entries(cache: Path) -> list[Path]:
    return sorted(cache.glob("*.json"))


@pytest.mark.parametrize("catalog", ["own", "shipped", "broken"])
def test_a_kept_result_is_the_same_result(tmp_path: Path, catalog: str) -> None:
    folder = shipped.catalog() if catalog == "shipped" else write(tmp_path / "catalog", FILES)
    if catalog == "broken":
        write(folder, {"routes": "active: {target: nothing}"})
    cache = tmp_path / "cache"
    worked_out, first, second = build(folder, None), build(folder, cache), build(folder, cache)
    assert len(entries(cache)) == 1
    assert worked_out == first == second
    assert [problem.rule for problem in second.problems] == [problem.rule for problem in worked_out.problems]
    if worked_out.desired and second.desired:
        assert second.desired.revision == worked_out.desired.revision
        assert render_text(second.desired) == render_text(worked_out.desired)


def test_whatever_counts_is_part_of_the_key(tmp_path: Path) -> None:
    folder, cache = write(tmp_path / "catalog", FILES), tmp_path / "cache"
    build(folder, cache)
    write(folder, {"routes": "active: {target: b}"})
    changed = build(folder, cache)
    assert changed.desired is not None
    assert changed.desired.routes["active"].target == "b"
    Builder(folder, TODAY + timedelta(days=1), cache).build()
    folder.rename(tmp_path / "elsewhere")
    assert build(tmp_path / "elsewhere", cache).problems[0].file.startswith(str(tmp_path / "elsewhere"))
    assert len(entries(cache)) == 4


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"problems": [], "desired": {}}', '{"problems": [{}]}', "\x00"])
def test_a_broken_entry_counts_as_none(tmp_path: Path, text: str) -> None:
    folder, cache = write(tmp_path / "catalog", FILES), tmp_path / "cache"
    expected = build(folder, cache)
    (entry,) = entries(cache)
    whole = entry.read_text()
    entry.write_text(text)
    assert build(folder, cache) == expected
    assert entry.read_text() == whole


def test_a_cache_that_cannot_be_written_is_no_failure(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    assert build(write(tmp_path / "catalog", FILES), tmp_path / "file").desired is not None


def test_old_entries_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build_cache, "KEEP", 3)
    folder, cache = write(tmp_path / "catalog", FILES), tmp_path / "cache"
    for number in range(6):
        write(folder, {"proxy": f"general_settings: {{a: {number}}}"})
        build(folder, cache)
    assert len(entries(cache)) == 3


def test_a_builder_that_stays_goes_on_from_its_own_work(tmp_path: Path) -> None:
    folder, cache = write(tmp_path / "catalog", FILES), tmp_path / "cache"
    builder = Builder(folder, TODAY, cache)
    builder.build()
    write(folder, {"providers/p": "models: {d: {}}"})
    desired = builder.build().desired
    assert desired is not None
    assert "d" in desired.public_names
    assert len(entries(cache)) == 1


def test_a_python_file_that_the_catalog_names_is_looked_for_again(tmp_path: Path) -> None:
    proxy = "litellm_settings: {callbacks: [mine.handler]}"
    catalog = write(tmp_path / "catalog", {**FILES, "proxy": proxy})
    said = []
    for text in (None, "other = 1\n", "handler = 1\n"):
        if text is not None:
            (tmp_path / "mine.py").write_text(text)
        problems = [build(catalog, tmp_path / "cache").problems for _ in range(2)]
        assert problems[0] == problems[1]
        said.append([each.message for each in problems[0] if each.rule == "missing-python-object"])
    assert [len(each) for each in said] == [1, 1, 0]
    assert said[0] != said[1]
