"""The file of tokens: what is written into it, and what is refused."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest

from modelctl.project import Settings, refuse_open_writes
from modelctl.system.token_file import Holder, TokenFileError, add_token, digest, read_tokens, remove_token
from support.cli import called


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "tokens"


def write(path: Path, text: str, mode: int = 0o600) -> Path:
    path.write_text(text)
    path.chmod(mode)
    return path


def test_a_token_is_found_by_its_digest_and_stands_nowhere(file: Path) -> None:
    token = add_token(file, "ana", "select")
    assert read_tokens(file) == {digest(token): Holder("ana", "select")}
    assert token not in file.read_text()
    assert len(token) >= 40


def test_the_file_is_its_owners_alone_whatever_the_umask(file: Path) -> None:
    before = os.umask(0)
    try:
        add_token(file, "ana", "read")
    finally:
        os.umask(before)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_commands_at_once_lose_none(file: Path) -> None:
    threads = [threading.Thread(target=add_token, args=(file, f"n{at}", "read")) for at in range(20)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert {holder.name for holder in read_tokens(file).values()} == {f"n{at}" for at in range(20)}


def test_removing_takes_one(file: Path) -> None:
    add_token(file, "ana", "read")
    add_token(file, "bob", "edit")
    remove_token(file, "ana")
    assert [holder.name for holder in read_tokens(file).values()] == ["bob"]
    with pytest.raises(TokenFileError, match="`ana` has no token"):
        remove_token(file, "ana")


LINE = f"ana select sha256:{digest('x')}\n"


@pytest.mark.parametrize(
    ("text", "mode", "said"),
    [
        (LINE, 0o644, "open to others"),
        (LINE, 0o620, "open to others"),
        (LINE + f"ana read sha256:{digest('y')}\n", 0o600, "tokens:2: `ana` has a token already"),
        (LINE + f"bob read sha256:{digest('x')}\n", 0o600, "`bob` and `ana` have the same token"),
        (f"ana king sha256:{digest('x')}\n", 0o600, "tokens:1: `king` is no role"),
        ("ana select the-secret-itself\n", 0o600, "tokens:1: not a line of a token file"),
    ],
)
def test_a_file_that_cannot_be_trusted(file: Path, text: str, mode: int, said: str) -> None:
    with pytest.raises(TokenFileError) as found:
        read_tokens(write(file, text, mode))
    assert said in found.value.message
    assert "the-secret-itself" not in f"{found.value.message}{found.value.hint}"


def test_comments_and_empty_lines_say_nothing(file: Path) -> None:
    assert len(read_tokens(write(file, f"# of the team\n\n{LINE}"))) == 1


def test_a_folder_and_bytes_are_no_file_of_tokens(tmp_path: Path, file: Path) -> None:
    with pytest.raises(TokenFileError, match="cannot read the token file"):
        read_tokens(tmp_path)
    file.write_bytes(b"\xff\xfe")
    file.chmod(0o600)
    with pytest.raises(TokenFileError, match="it is not utf-8 text"):
        read_tokens(file)


@pytest.mark.parametrize(("name", "role"), [("a b", "read"), ("", "read"), ("a\nb", "read"), ("ana", "king")])
def test_names_and_roles_that_are_none(file: Path, name: str, role: str) -> None:
    with pytest.raises(TokenFileError):
        add_token(file, name, role)
    assert not file.exists()


def test_listening_beyond_loopback_is_content_with_a_file(tmp_path: Path) -> None:
    settings = Settings(tmp_path, tmp_path, "", "", token_file=tmp_path / "tokens")
    with pytest.raises(Exception, match="writes need a token"):
        refuse_open_writes(settings, "0.0.0.0")
    add_token(tmp_path / "tokens", "ana", "edit")
    refuse_open_writes(settings, "0.0.0.0")


def test_a_file_that_is_named_must_be_there(tmp_path: Path) -> None:
    settings = Settings(tmp_path, tmp_path, "", "", token_file=tmp_path / "gone" / "tokens")
    with pytest.raises(TokenFileError, match="no such file"):
        refuse_open_writes(settings, "127.0.0.1")


def test_the_command(tmp_path: Path) -> None:
    made = called("token", "add", "ana", "--role", "edit", cwd=tmp_path)
    file = tmp_path / ".modelctl" / "tokens"
    assert read_tokens(file) == {digest(made.out.strip()): Holder("ana", "edit")}
    assert "shown this once" in made.err
    twice = called("token", "add", "ana", cwd=tmp_path)
    assert (twice.code, twice.err.count("\n")) == (1, 2)
    assert "`ana` has a token already" in twice.err
    assert "ana   edit" in called("token", "list", cwd=tmp_path).out
    assert called("token", "remove", "ana", cwd=tmp_path).code == 0
    assert read_tokens(file) == {}
    assert called("token", "add", cwd=tmp_path).code == 2
