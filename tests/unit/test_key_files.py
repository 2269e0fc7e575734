"""What a key file may hold, and what is said of one that holds none."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelctl.system.key_files import KeyFileError, read_key, with_keys


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
