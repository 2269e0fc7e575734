"""The table of LiteLLM's lines, and what modelctl says of the one that is installed."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

from modelctl.errors import UsageError
from modelctl.litellm_spec import supported_lines
from modelctl.litellm_spec.supported_lines import NoLiteLLM, find, installed, lines, remark
from support.api_server import write_catalog
from support.cli import call

ROOT = Path(__file__).parents[2]


def test_constraints_hold_the_pinned_line_and_the_range_goes_from_the_oldest_to_the_newest() -> None:
    assert f"\nlitellm=={supported_lines.pinned()}\n" in (ROOT / "constraints.txt").read_text()
    major, minor, _ = supported_lines.order(lines()[-1].name)
    wanted = f'"litellm[proxy]>={lines()[0].name},<{major}.{minor + 1}"'
    assert wanted in (ROOT / "pyproject.toml").read_text()


def test_lines_stand_in_order_and_each_release_belongs_to_its_line() -> None:
    assert [line.name for line in lines()] == [supported_lines.line_of(line.release) for line in lines()]
    assert sorted(lines(), key=lambda line: supported_lines.order(line.name)) == list(lines())


@pytest.mark.parametrize("name", ["1.110", "1.110.2", "1.110.9"])
def test_a_line_is_found_by_its_name_or_a_release(name: str) -> None:
    assert find(name).name == "1.110"


@pytest.mark.parametrize("name", ["1.11", "2", "newest", "", "1.107"])
def test_a_line_that_is_not_known_names_those_that_are(name: str) -> None:
    with pytest.raises(UsageError, match="no line of LiteLLM") as raised:
        find(name)
    assert raised.value.hint is not None
    assert "1.106, 1.108, 1.109, 1.110" in raised.value.hint


@pytest.mark.parametrize(
    ("release", "word"),
    [
        ("1.111.0", "newer"),
        ("2.0.0", "newer"),
        ("1.105.7", "older"),
        ("1.107.1", "not tested"),
        ("unknown", "cannot tell"),
    ],
)
def test_a_litellm_that_was_not_tested_is_remarked_on(release: str, word: str) -> None:
    assert word in str(remark(release))


def test_every_tested_release_goes_without_a_remark() -> None:
    assert {remark(line.release) for line in lines()} == {None}


def test_the_installed_litellm_is_read_without_importing_it() -> None:
    assert supported_lines.line_of(installed()) in {line.name for line in lines()}


def test_no_litellm_is_said_with_the_way_to_get_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    with pytest.raises(NoLiteLLM, match="not installed") as raised:
        installed()
    assert raised.value.hint == f"pip install 'litellm[proxy]=={supported_lines.pinned()}'"


def test_half_a_litellm_is_said_with_its_release(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "litellm-1.108.3.dist-info").mkdir()
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    with pytest.raises(NoLiteLLM, match=r"LiteLLM 1\.108\.3 is half installed") as raised:
        installed()
    assert "--force-reinstall 'litellm[proxy]==1.108.3'" in str(raised.value.hint)


def test_a_folder_of_that_name_is_no_litellm(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "litellm").mkdir()
    (tmp_path / "litellm/__init__.py").touch()
    spec = importlib.util.spec_from_file_location("litellm", tmp_path / "litellm/__init__.py")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: spec)
    with pytest.raises(NoLiteLLM, match="half installed"):
        installed()


def test_a_release_counts_as_itself_and_a_line_as_its_newest() -> None:
    try:
        for name, release in (("1.110", "1.110.2"), ("1.108.0", "1.108.0")):
            supported_lines.aim(name)
            assert supported_lines.target() == release
        assert not supported_lines.since("1.108.1")
    finally:
        supported_lines.aim(None)
    assert supported_lines.target() == installed()


def test_every_known_difference_is_held_by_a_test_that_is_there() -> None:
    differences = json.loads((ROOT / "src/modelctl/litellm_spec/litellm_differences.json").read_text())
    for each in differences:
        file, _, name = each["test"].partition("::")
        assert f"def {name}(" in (ROOT / file).read_text()
        assert supported_lines.line_of(each["since"]) in {line.name for line in lines()}


def test_the_page_is_what_was_recorded() -> None:
    command = [sys.executable, ROOT / "scripts/lines_matrix.py", "--check"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_up_says_that_litellm_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Not by a worker that ends again and again, and with nothing made."""
    write_catalog(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(supported_lines, "installed", no_litellm)
    ran = call("up")
    assert (ran.code, ran.out) == (2, "")
    assert "LiteLLM is not installed in this environment" in ran.err
    assert "hint: pip install 'litellm[proxy]==" in ran.err
    assert not (tmp_path / ".modelctl").exists()


def no_litellm() -> str:
    raise NoLiteLLM("LiteLLM is not installed in this environment", hint="pip install 'litellm[proxy]==1.106.12'")
