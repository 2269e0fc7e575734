"""`modelctl import` as people call it: what it prints, writes, and leaves alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from modelctl.errors import ModelctlError
from modelctl.importer import replace_folder as placing
from modelctl.importer.catalog_texts import env_example
from support.cli import call

CONFIG = """\
model_list:
  - model_name: gpt
    litellm_params: {model: openai/gpt-5-mini, api_key: sk-proj-abcdefghijklmnop0123}
  - model_name: claude
    litellm_params: {model: anthropic/claude-haiku-4-5, api_key: os.environ/ANTHROPIC_API_KEY}
router_settings:
  model_group_alias: {fast: gpt, nowhere: gpt-9}
general_settings: {master_key: sk-1234}
"""
SECRETS = ("sk-proj", "sk-1234", "abcdefgh")


@pytest.fixture(autouse=True)
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    path = tmp_path / "litellm.yaml"
    path.write_text(CONFIG, encoding="utf-8")
    return path


def written(folder: str = "catalog") -> dict[str, str]:
    paths = sorted(path for path in Path(folder).rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_text(encoding="utf-8") for path in paths}


def test_text() -> None:
    ran = call("import", "litellm.yaml", "--out", "catalog")
    assert ran.code == 0, ran.err
    assert list(written()) == [
        ".env.example",
        "providers/anthropic.yaml",
        "providers/openai.yaml",
        "proxy.yaml",
        "routes.yaml",
    ]
    assert "Changed: still means what was meant" in ran.out
    assert "litellm.yaml:3:48: model_list[0].litellm_params.api_key: a plain secret: set OPENAI_API_KEY" in ran.out
    assert "nowhere: points to `gpt-9`, which does not exist" in ran.out
    assert "6 exact, 2 changed, 0 lost, 1 without effect (fields); wrote 5 files to catalog" in ran.out
    assert call("check", "catalog").code == 0
    assert call("render", "--stdout", "--catalog", "catalog").code == 0


def test_no_secret_is_printed_or_written() -> None:
    for json_ in ([], ["--json", "--force"]):
        ran = call("import", "litellm.yaml", "--out", "catalog", *json_)
        everything = ran.out + ran.err + "".join(written().values())
        assert not any(secret in everything for secret in SECRETS)
    assert "OPENAI_API_KEY=  # model_list[0].litellm_params.api_key\n" in written()[".env.example"]
    assert "LITELLM_MASTER_KEY=  # general_settings.master_key\n" in written()[".env.example"]
    assert "\nANTHROPIC_API_KEY=\n" in written()[".env.example"]


def test_json() -> None:
    said = json.loads(call("import", "litellm.yaml", "--out", "catalog", "--json").out)
    assert said["counts"] == {"exact": 6, "changed": 2, "lost": 0, "no-effect": 1}
    assert {"path": "model_list[1].litellm_params.model", "verdict": "exact", "reason": "", "place": ""} in said[
        "fields"
    ]
    assert said["variables"][0] == {"name": "OPENAI_API_KEY", "for": "model_list[0].litellm_params.api_key"}
    assert sorted(said["files"]) == sorted(written())


def test_a_catalog_that_is_there_stays() -> None:
    Path("catalog/providers").mkdir(parents=True)
    Path("catalog/providers/mine.yaml").write_text("models: {m: {}}\n", encoding="utf-8")
    ran = call("import", "litellm.yaml", "--out", "catalog")
    assert (ran.code, list(written())) == (1, ["providers/mine.yaml"])
    assert "catalog is there already" in ran.err
    assert call("import", "litellm.yaml", "--out", "catalog", "--force").code == 0
    assert "providers/mine.yaml" not in written()
    assert not list(Path().glob(".catalog*"))


@pytest.mark.parametrize("name", ["notes.txt", ".env", ".git"])
def test_what_is_no_catalog_is_never_replaced(name: str) -> None:
    Path("catalog").mkdir()
    Path("catalog", name).write_text("mine", encoding="utf-8")
    ran = call("import", "litellm.yaml", "--out", "catalog", "--force")
    assert (ran.code, written()) == (1, {name: "mine"})
    assert f"`{name}`, which is no part of a catalog" in ran.err


def test_an_empty_folder_is_filled() -> None:
    Path("catalog").mkdir()
    assert call("import", "litellm.yaml", "--out", "catalog").code == 0
    assert "routes.yaml" in written()


@pytest.mark.parametrize("text", ["", "- a list\n", "model_list: [\n", "model_list: text\n", "\xff\n"])
def test_nothing_is_written_for_what_cannot_be_read(text: str, config: Path) -> None:
    config.write_bytes(text.encode("latin-1"))
    ran = call("import", "litellm.yaml", "--out", "new/catalog")
    assert ran.code == 1
    assert "error" in ran.err
    assert not Path("new").exists()


def test_a_file_that_is_not_there() -> None:
    ran = call("import", "gone.yaml", "--out", "catalog")
    assert ran.code == 1
    assert "gone.yaml" in ran.err


def test_a_disk_that_fails_half_way(monkeypatch: pytest.MonkeyPatch) -> None:
    assert call("import", "litellm.yaml", "--out", "catalog").code == 0
    before = written()

    def full(self: Path, *_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_text", full)
        with pytest.raises(ModelctlError, match="No space left"):
            placing.place({"routes.yaml": "a: {target: b}\n"}, Path("catalog"), force=True)
    assert written() == before
    assert not list(Path().glob(".catalog*"))


def test_the_example_says_where_env_is_read() -> None:
    head = env_example([], ["OPENAI_API_KEY"]).partition("\n")[0]
    assert all(words in head for words in ("../.env", "beside the catalog folder"))


def test_help() -> None:
    ran = call("import", "--help")
    assert ran.code == 0
    assert "LITELLM_CONFIG" in ran.out
