"""`check`, `render`, `list`, `init`: what needs no server."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from modelctl import shipped
from modelctl.cli.scaffold import env_example
from modelctl.pipeline import build
from support.api_server import ACME, write_catalog
from support.cli import call


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("MODELCTL_CATALOG", "MODELCTL_STATE", "MODELCTL_SERVER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ACME_KEY", "set")
    write_catalog(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_check_of_a_good_catalog(project: Path) -> None:
    ran = call("check")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == "no problems in 3 files\n"


def test_check_finds_the_catalog_from_below(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project / "catalog" / "providers")
    assert call("check").code == 0


def test_check_shows_line_and_caret(project: Path) -> None:
    write_catalog(project, routes="active:\n  targt: fast\n")
    ran = call("check")
    assert ran.code == 1
    assert ran.out.startswith("catalog/routes.yaml:2:3: error[unknown-key]: `targt` is not a key that `active` takes")
    assert "\n  2 |   targt: fast\n        ^\n  hint: did you mean `target`?\n" in ran.out
    assert ran.out.endswith("1 error in 3 files\n")


@pytest.mark.parametrize("option", [["--json"], ["--format", "json"]])
def test_check_as_json(project: Path, option: list[str]) -> None:
    write_catalog(project, routes="active:\n  targt: fast\n")
    ran = call("check", *option)
    answer = json.loads(ran.out)
    assert (ran.code, answer["ok"], answer["errors"], answer["files"]) == (1, False, 1, 3)
    assert set(answer["problems"][0]) >= {"rule", "severity", "file", "line", "column", "message", "hint"}


def test_check_of_another_folder(project: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = write_catalog(tmp_path_factory.mktemp("other"), routes=": [")
    assert call("check", other).code == 1
    assert call("check", "--catalog", other).code == 1
    missing = call("check", project / "nothing")
    assert (missing.code, missing.out) == (1, "")
    assert "there is no catalog at" in missing.err


def test_check_of_a_litellm_config(project: Path) -> None:
    path = project / "litellm_config.yaml"
    assert call("render").code == 0
    assert call("check", path).code == 0
    path.write_text("model_list:\n  - model_name: a\nmodel_list: []\n")
    ran = call("check", path)
    assert (ran.code, "litellm_config.yaml:3:1: error[duplicate-key]" in ran.out) == (1, True)


def test_check_never_repeats_a_secret(project: Path) -> None:
    write_catalog(project, providers_acme=ACME.replace("os.environ/ACME_KEY", "sk-proj-0123456789abcdefghij"))
    ran = call("check")
    assert ran.code == 1
    assert "sk-proj" not in ran.out + ran.err


def test_render_writes_checks_and_prints(project: Path) -> None:
    assert call("render", "--check").code == 1
    assert call("render").code == 0
    text = (project / "litellm_config.yaml").read_text()
    assert yaml.safe_load(text)["router_settings"]["model_group_alias"] == {"active": "fast", "side": "free"}
    assert call("render", "--check").code == 0
    assert call("render", "--stdout").out == text
    write_catalog(project, routes="active: {target: slow}\n")
    behind = call("render", "--check")
    assert (behind.code, "hint: modelctl render" in behind.err) == (1, True)
    assert (project / "litellm_config.yaml").read_text() == text


def test_render_replaces_nothing_that_was_written_by_hand(project: Path) -> None:
    path = project / "litellm_config.yaml"
    path.write_text("model_list: []  # mine\n")
    ran = call("render")
    assert (ran.code, path.read_text()) == (1, "model_list: []  # mine\n")
    assert "was written by hand: it is not replaced" in ran.err
    assert "modelctl plan --against litellm_config.yaml" in ran.err
    assert call("render", "--force").code == 0
    assert call("render", "--check").code == 0


def test_render_of_a_broken_catalog_writes_nothing(project: Path) -> None:
    write_catalog(project, routes=": [")
    ran = call("render")
    assert (ran.code, ran.out) == (1, "")
    assert "routes.yaml:1" in ran.err
    assert "nothing was written" in ran.err
    assert not (project / "litellm_config.yaml").exists()


def test_render_that_cannot_write(project: Path) -> None:
    (project / "litellm_config.yaml").mkdir()
    ran = call("render")
    assert ran.code == 1
    assert "cannot write" in ran.err
    assert not list(project.glob(".litellm_config*"))


def test_list(project: Path) -> None:
    ran = call("list")
    lines = ran.out.splitlines()
    assert lines[0].split()[:2] == ["PROVIDER", "MODEL"]
    assert [line.split()[:2] for line in lines[1:3]] == [["acme", "fast"], ["acme", "slow"]]
    assert "retired on 2024-01-02; use fast" in ran.out
    assert [one["id"] for one in json.loads(call("list", "other", "--json").out)] == ["other"]
    nowhere = call("list", "acmee")
    assert (nowhere.code, "did you mean `acme`?" in nowhere.err) == (1, True)


def test_init_makes_a_project(tmp_path: Path) -> None:
    root = tmp_path / "new"
    ran = call("init", root)
    assert (ran.code, len(ran.out.splitlines())) == (0, 5)
    assert {path.name for path in root.iterdir()} == {
        "catalog", "templates", "litellm_config.yaml", ".env.example", ".gitignore",
    }  # fmt: skip
    assert call("check", root / "catalog").code == 0
    assert call("render", "--check", "--catalog", root / "catalog").code == 0
    assert (root / ".gitignore").read_text() == ".modelctl/\n.env\n"


def test_init_writes_over_nothing(tmp_path: Path) -> None:
    root = tmp_path / "used"
    write_catalog(root)
    texts = {"litellm_config.yaml": "mine\n", ".env.example": "MINE=\n", ".gitignore": "dist/\n.env"}
    for name, text in texts.items():
        (root / name).write_text(text)
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    ran = call("init", root, "--json")
    after = {path: path.read_bytes() for path in before}
    ignore = root / ".gitignore"
    assert {path for path in before if before[path] != after[path]} == {ignore}
    assert ignore.read_text() == "dist/\n.env\n.modelctl/\n"
    assert json.loads(ran.out) == {
        "wrote": ["templates/", ".gitignore"], "kept": ["catalog/", "litellm_config.yaml", ".env.example"],
    }  # fmt: skip
    assert json.loads(call("init", root, "--json").out)["wrote"] == []


def test_init_over_a_broken_catalog(tmp_path: Path) -> None:
    root = tmp_path / "broken"
    write_catalog(root, routes=": [")
    ran = call("init", root)
    assert ran.code == 1
    assert "routes.yaml:1" in ran.err
    assert not (root / "litellm_config.yaml").exists()


def test_env_example_of_the_shipped_catalog_is_the_committed_one() -> None:
    desired = build(shipped.catalog()).desired
    assert desired is not None
    assert env_example(desired) == (shipped.catalog().parent / ".env.example").read_text()


def test_check_of_a_file_that_is_not_there(project: Path) -> None:
    ran = call("check", "nope.yaml")
    assert (ran.code, "there is no file nope.yaml" in ran.err) == (1, True)
