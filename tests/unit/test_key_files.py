"""What a key file may hold, and what is said of one that holds none."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelctl.pipeline import build
from modelctl.state.router_config import resolve_routes
from modelctl.system.key_files import KeyFileError, path_of, read_key, variable_for, with_keys
from support.api_server import ACME, write_catalog
from support.cli import call


@pytest.mark.parametrize(
    ("raw", "key"),
    [
        (b"sk-one", "sk-one"), (b"sk-one\n", "sk-one"), (b"sk-one\r\n", "sk-one"),
        (b'{\n "type": "service_account"\n}\n', '{\n "type": "service_account"\n}'),
    ],
)  # fmt: skip
def test_a_key_without_the_line_end_behind_it(tmp_path: Path, raw: bytes, key: str) -> None:
    path = tmp_path / "key"
    path.write_bytes(raw)
    assert read_key(str(path))[0] == key


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "is empty"), (b" \n", "is empty"), (b"one\ntwo", "holds more than one line"),
        (b" one", "has blanks around"),
        (b"\xff\xfe", "is not text"), (b"a\0b", "holds a zero byte"), (b"x" * 70_000, "is longer than 64 KB"),
    ],
)  # fmt: skip
def test_what_is_no_key(tmp_path: Path, raw: bytes, words: str) -> None:
    path = tmp_path / "key"
    path.write_bytes(raw)
    with pytest.raises(KeyFileError, match=words):
        read_key(str(path))


def test_what_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match="is not there"):
        read_key(str(tmp_path / "none"))
    with pytest.raises(KeyFileError, match="is a folder"):
        read_key(str(tmp_path))


def test_an_environment_with_keys_from_files(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text("sk-of-the-file\n")
    given = {"A_KEY_FILE": str(path), "A_KEY": "sk-old", "B_KEY_FILE": str(tmp_path / "none"), "B_KEY": "sk-b"}
    found = with_keys(given, ["A_KEY", "B_KEY", "C_KEY"])
    assert (found["A_KEY"], found["B_KEY"], "C_KEY" in found) == ("sk-of-the-file", "sk-b", False)


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ("file:/run/secrets/openai", "/run/secrets/openai"), ("file:/k", "/k"), ("file:run/openai", None),
        ("file:", None),        ("file:~/key", None), ("file://host/key", None),
        ("file:/run/two words", None), ("file:/run/secrets/", None),
        ("os.environ/KEY", None), (None, None),
    ],
)  # fmt: skip
def test_a_reference_to_a_file_names_its_whole_path(value: str | None, path: str | None) -> None:
    assert path_of(value) == path


def test_the_render_refers_to_a_variable_and_the_catalog_names_its_file(tmp_path: Path) -> None:
    at = "file:/run/secrets/acme"
    desired = build(write_catalog(tmp_path, providers_acme=ACME.replace("os.environ/ACME_KEY", at))).sound()
    variable = "MODELCTL_RUN_SECRETS_ACME_KEY"
    assert variable_for("/run/secrets/acme") == variable
    assert desired.env_defaults[f"{variable}_FILE"] == "/run/secrets/acme"
    entries = resolve_routes(desired, {}).config()["model_list"]
    keys = {entry["litellm_params"]["api_key"] for entry in entries if entry["model_name"] == "fast"}
    assert keys == {f"os.environ/{variable}"}
    assert at not in repr(entries)


@pytest.mark.parametrize("at", ["file:run/secrets/acme", "file:~/acme", "file:/run/secrets/"])
def test_a_file_that_cannot_be_is_found_with_its_place(tmp_path: Path, at: str) -> None:
    found = build(write_catalog(tmp_path, providers_acme=ACME.replace("os.environ/ACME_KEY", at))).problems
    assert [(each.rule, each.file.rpartition("/")[2], each.line) for each in found if each.severity == "error"] == [
        ("bad-reference", "acme.yaml", 4)
    ]
    assert found[0].hint == "file:/run/secrets/NAME"


def test_a_plain_config_knows_no_reference_to_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "litellm_config.yaml"
    config.write_text(
        "model_list:\n  - model_name: a\n    litellm_params: {model: openai/gpt-4o, api_key: file:/run/secrets/a}\n"
    )
    monkeypatch.chdir(tmp_path)
    assert "LiteLLM knows no reference to a file" in call("check", str(config)).out
