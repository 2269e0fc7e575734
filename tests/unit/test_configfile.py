"""Reading a hand-written LiteLLM config: golden cases, hostile files, and the way to the worker."""

from __future__ import annotations

import json
import os
import stat
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelctl.configfile import ConfigFile, read_config
from modelctl.configfile.__main__ import message
from modelctl.errors import ModelctlError, errors_in
from modelctl.hook import subprocess_reader
from modelctl.hook.last_good import LastGood
from modelctl.state.config_message import decode, encode, pack, unpack
from modelctl.system.file_stamp import stamp

CASES = Path(__file__).parents[1] / "golden" / "configfile"
DASHES = "\n----------\n"
ENTRY = "model_list:\n  - model_name: a\n    litellm_params: {model: openai/a}\n"


def told(read: ConfigFile, folder: Path) -> str:
    """Problems, and what is left of the config."""
    problems = "".join(f"{problem}\n" for problem in read.problems) or "no problems\n"
    if read.config is None:
        return problems.replace(f"{folder}/", "") + "cannot be used\n"
    names = [str(each.get("model_name")) if isinstance(each, dict) else "?" for each in read.entries]
    sections = [name for name in read.config if name != "model_list"]
    return problems.replace(f"{folder}/", "") + f"models: {', '.join(names)}\nsections: {', '.join(sections)}\n"


@pytest.mark.parametrize("path", sorted(CASES.glob("*.txt")), ids=lambda path: path.stem)
def test_golden(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STORE_MODEL_IN_DB", raising=False)
    given, _, expected = path.read_text().partition(DASHES)
    for part in given.split(">>> ")[1:]:
        name, _, text = part.partition("\n")
        file = tmp_path / name.strip()
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    found = told(read_config(tmp_path / "x.yaml"), tmp_path)
    if os.environ.get("MODELCTL_GOLDEN") == "write":
        path.write_text(given + DASHES + found)
    assert found == expected
    assert "not-to-be-shown" not in found


@pytest.fixture
def config(tmp_path: Path) -> Callable[[str | bytes], ConfigFile]:
    def read(text: str | bytes) -> ConfigFile:
        path = tmp_path / "x.yaml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_config(path)

    return read


Read = Callable[[str | bytes], ConfigFile]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "not-a-config"),
        ("{", "yaml-syntax"),
        (ENTRY + "\tx: 1\n", "yaml-syntax"),
        ("litellm_settings:\n  drop_params: true\t# LiteLLM's own reader stops at this tab\n", "yaml-syntax"),
        (b"model_list: [] # \xff\n", "not-utf8"),
        (b"model_list: [] # \x00\n", "bad-character"),
        (b"# " + b"x" * 50_000_000, "file-too-large"),
        ("a: &a [x, x]\n" + "".join(f"{chr(98 + n)}: &{chr(98 + n)} [{f'*{chr(97 + n)}, ' * 9}]\n" for n in range(20)),
         "too-many-aliases"),
        ("a: " + "[" * 5000, "nested-too-deep"),
        ("a: &a [*a]\n", "alias-loop"),
    ],
)  # fmt: skip
def test_hostile_file_is_one_clear_problem(config: Read, text: str | bytes, rule: str) -> None:
    read = config(text)
    assert read.config is None
    (problem,) = errors_in(read.problems)
    assert (problem.rule, problem.severity) == (rule, "error")


def test_vanished_file(tmp_path: Path) -> None:
    read = read_config(tmp_path / "x.yaml")
    assert (read.config, read.whole, [each.rule for each in read.problems]) == (None, False, ["unreadable-file"])
    assert read.files == {str(tmp_path / "x.yaml"): ()}


def test_tab_in_text_is_no_problem(config: Read) -> None:
    assert config(ENTRY + "x: 'a\tb'\n").problems == []


@pytest.mark.parametrize(("text", "whole"), [(ENTRY, True), (ENTRY + "litellm_set", False), ("", False)])
def test_whole_until_the_last_line_ends(config: Read, text: str, whole: bool) -> None:
    assert config(text).whole is whole


def test_content_changes_with_the_bytes_alone(config: Read, tmp_path: Path) -> None:
    first, touched, other = config(ENTRY), config(ENTRY), config(ENTRY + "# more\n")
    assert first.content == touched.content != other.content
    assert first.digests == other.digests


def test_order_of_keys_is_not_in_the_digest(config: Read) -> None:
    turned = config("model_list:\n  - litellm_params: {model: openai/a}\n    model_name: a\n")
    assert turned.digests == config(ENTRY).digests


def test_stamp_sees_another_file_of_the_same_time_and_size(tmp_path: Path) -> None:
    one, two = tmp_path / "1", tmp_path / "2"
    for path in (one, two):
        path.write_text("same")
        os.utime(path, (1, 1))
    before = stamp(one)
    two.rename(one)
    assert stamp(one) != before


# -- the way to the worker ---------------------------------------------------------------------

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.dates() | st.datetimes(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text().filter(lambda key: not key.startswith("$")), inner),
)


@given(VALUES)
def test_values_survive(value: object) -> None:
    assert decode(encode(value)) == value
    assert b"\n" not in encode(value)


def test_handover_survives_whatever_else_is_printed(config: Read) -> None:
    read = config(ENTRY + "x: {day: 2026-01-02, at: 2026-01-02 03:04:05}\nrouter_settings: {fallbacks: [{a: [b]}]}\n")
    sent = message(read)
    got = unpack(b"hello\n\x1e\n{}\n" + pack(sent) + b"\nbye\n")
    assert got == sent
    assert got.entry(0) == {"model_name": "a", "litellm_params": {"model": "openai/a"}}
    assert got.settings is not None
    assert got.settings["x"] == {"day": date(2026, 1, 2), "at": datetime(2026, 1, 2, 3, 4, 5)}
    assert [problem.rule for problem in got.problems] == ["unknown-model"]


@pytest.mark.parametrize("raw", [b"", b"Traceback", b"\x1e", b"\x1e\n[]\n", b"\x1e\n{}\n", b'\x1e\n{"problems": 1}\n'])
def test_what_is_no_handover_is_a_value_error(raw: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the kind is the contract
        unpack(raw)


def test_cut_handover_is_a_value_error(config: Read) -> None:
    whole = pack(message(config(ENTRY)))
    for end in range(len(whole)):
        with pytest.raises(ValueError):  # noqa: PT011
            unpack(whole[:end])


def test_child_reads_for_the_worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a folder with a yaml.py of its own, and in a Python whose start prints."""
    (tmp_path / "x.yaml").write_text(ENTRY)
    (tmp_path / "yaml.py").write_text("raise SystemExit('the wrong yaml')")
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text("print('hello from site')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "site"))
    read = subprocess_reader.read_in_child(tmp_path / "x.yaml")
    assert read == message(read_config(tmp_path / "x.yaml"))


@pytest.fixture
def staying() -> Iterator[Callable[[Path], subprocess_reader.Child]]:
    """Makes children that stay until the test is over."""
    made: list[subprocess_reader.Child] = []

    def make(path: Path) -> subprocess_reader.Child:
        made.append(subprocess_reader.Child(path))
        return made[-1]

    yield make
    for process in [each._process for each in made if each._process]:
        process.kill()
        process.wait()


def test_child_that_stays_reads_again(
    tmp_path: Path, staying: Callable[[Path], subprocess_reader.Child], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each time as a fresh one does, whatever became of the file; and again after it was killed."""
    path = tmp_path / "x.yaml"
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text("print('hello from site')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "site"))
    stays = staying(path)
    for text in (
        ENTRY,
        ENTRY.replace("- model_name", "# why\n- model_name", 1),
        "",
        "model_list: [",
        ENTRY + ENTRY,
        ENTRY,
    ):
        path.write_text(text)
        assert stays.read() == message(read_config(path))
    running = stays._process
    assert running is not None
    running.kill()
    running.wait()
    assert stays.read() == message(read_config(path))
    assert stays._process is not running


LONGER = ENTRY.replace("openai/a", "openai/a, api_key: none")
WHOLE = f"{LONGER}general_settings:\n  master_key: os.environ/KEY\n  alerting: [slack, email]\n"


@pytest.mark.parametrize(
    ("text", "lacks"),
    [
        (WHOLE, False),
        (
            WHOLE.replace(
                "  - model_name: a\n", "  - {model_name: b, litellm_params: {model: b}}\n  - model_name: a\n"
            ),
            False,
        ),
        (WHOLE.replace("os.environ/KEY", "os.environ/OTHER"), False),
        (LONGER, True),
        (WHOLE.replace("  alerting: [slack, email]\n", ""), True),
        (WHOLE.replace(", email", ""), True),
        (WHOLE.replace(", api_key: none", ""), True),
    ],
    ids=["nothing", "entry", "value", "section", "setting", "item", "parameter"],
)
def test_child_says_whether_something_is_missing(
    tmp_path: Path, staying: Callable[[Path], subprocess_reader.Child], text: str, lacks: bool
) -> None:
    """Compared with what the worker runs on, however often the file is read meanwhile."""
    path = tmp_path / "x.yaml"
    path.write_text(WHOLE)
    stays = staying(path)
    taken = stays.read("nothing read yet").content
    for _ in range(2):
        path.write_text("")
        stays.read(taken)
        path.write_text(text)
        assert stays.read(taken).lacks is lacks
    assert stays.read("another content").lacks is False


def test_child_ends_with_its_worker(tmp_path: Path, staying: Callable[[Path], subprocess_reader.Child]) -> None:
    (tmp_path / "x.yaml").write_text(ENTRY)
    stays = staying(tmp_path / "x.yaml")
    stays.read()
    running = stays._process
    assert running is not None
    assert running.stdin is not None
    running.stdin.close()
    assert running.wait(timeout=30) == 0


def test_child_that_stays_and_hangs_is_killed(
    tmp_path: Path, staying: Callable[[Path], subprocess_reader.Child], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(ENTRY)
    stays = staying(path)
    stays.read()
    path.unlink()
    os.mkfifo(path)
    monkeypatch.setattr(subprocess_reader, "CHILD_LIMIT", 0.5)
    with pytest.raises(ModelctlError, match=r"not done within 0.5 s"):
        stays.read()
    path.unlink()
    path.write_text(ENTRY)
    monkeypatch.undo()
    assert stays.read() == message(read_config(path))


def test_child_that_stays_and_fails_says_no_value(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    false = tmp_path / "python"
    false.write_text("#!/bin/sh\necho 'KeyError: sk-not-to-be-shown' >&2\nexit 3\n")
    false.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(false))
    with pytest.raises(ModelctlError, match=r"ended with 3 \(KeyError\)") as refused:
        subprocess_reader.Child(tmp_path / "x.yaml").read()
    assert "not-to-be-shown" not in str(refused.value)


def test_child_that_hangs_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "x.yaml")
    monkeypatch.setattr(subprocess_reader, "CHILD_LIMIT", 0.5)
    with pytest.raises(ModelctlError, match=r"not done within 0.5 s"):
        subprocess_reader.read_in_child(tmp_path / "x.yaml")


def test_child_that_fails_says_no_value(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    false = tmp_path / "python"
    false.write_text("#!/bin/sh\necho 'KeyError: sk-not-to-be-shown' >&2\nexit 3\n")
    false.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(false))
    with pytest.raises(ModelctlError, match=r"ended with 3 \(KeyError\)") as refused:
        subprocess_reader.read_in_child(tmp_path / "x.yaml")
    assert "not-to-be-shown" not in str(refused.value)


# -- the last good copy ------------------------------------------------------------------------


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LastGood:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return LastGood(tmp_path / "x.yaml")


def test_copy_is_private_and_comes_back(copy: LastGood, config: Read, tmp_path: Path) -> None:
    read = message(config(ENTRY + "x: 2026-01-02\n"))
    before = datetime.now(UTC).timestamp()
    copy.save(read, frozenset({"1", "2"}))
    (path,) = (tmp_path / "state" / "modelctl").iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    good = copy.load()
    assert good is not None
    assert (good.read, good.dropped) == (read, {"1", "2"})
    assert before <= good.at <= datetime.now(UTC).timestamp()


def test_each_config_has_its_own_copy(copy: LastGood, config: Read, tmp_path: Path) -> None:
    copy.save(message(config(ENTRY)), frozenset())
    assert LastGood(tmp_path / "y.yaml").load() is None


@pytest.mark.parametrize("content", [b"", b"\x80\x04pickle", b"{}\n\x1e\n{}", b'{"dropped": [], "at": 1}\n\x1e\nnull'])
def test_spoilt_copy_counts_as_none(copy: LastGood, config: Read, tmp_path: Path, content: bytes) -> None:
    copy.save(message(config(ENTRY)), frozenset())
    (path,) = (tmp_path / "state" / "modelctl").iterdir()
    path.write_bytes(content)
    assert copy.load() is None


def test_state_folder_that_is_none(
    copy: LastGood, config: Read, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr("modelctl.hook.last_good.log.warning", lambda text, *args: said.append(text % args))
    (tmp_path / "state").write_text("a file")
    copy.save(message(config(ENTRY)), frozenset())
    copy.save(message(config(ENTRY)), frozenset())
    assert copy.load() is None
    (line,) = said
    assert "cannot keep a copy of the last good state" in line


# -- configs in the wild -----------------------------------------------------------------------


def test_configs_in_the_wild(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file of the folder that MODELCTL_CORPUS names (none: our own golden cases stand in)."""
    folder = Path(os.environ.get("MODELCTL_CORPUS") or CASES)
    files = sorted(path for path in folder.iterdir() if path.is_file())
    assert files
    for path in files:
        read = read_config(path)
        assert read.config is not None or errors_in(read.problems)
        assert unpack(pack(message(read))).digests == tuple(read.digests)
        assert all(json.dumps(problem.to_dict()) for problem in read.problems)
