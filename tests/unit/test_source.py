"""YAML as SafeLoader means it, with places; whatever is wrong with a file is one clear problem."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from modelctl.catalog import parse
from modelctl.errors import Problem
from support.count_calls import counted
from support.effort import examples


def parsed(text: str | bytes) -> parse.Document:
    return parse.parse(text.encode() if isinstance(text, str) else text, "a.yaml")


def only_problem(text: str | bytes) -> Problem:
    document = parsed(text)
    assert document.data is None
    assert len(document.problems) == 1, document.problems
    return document.problems[0]


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.dates()
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(min_size=1), inner),
    max_leaves=20,
)


@settings(max_examples=examples(300), deadline=None)
@given(VALUES, st.sampled_from([True, False, None]))
def test_parse_means_what_safe_loader_means(value: Any, flow: bool | None) -> None:
    text = yaml.safe_dump(value, allow_unicode=True, default_flow_style=flow)
    assert parsed(text).data == yaml.safe_load(text)


@pytest.mark.parametrize(
    "text",
    [
        "a: 010\nb: 0x1F\nc: 0b11\nd: 1_000\ne: 190:20:30\nf: +1\ng: -0",
        "a: 1.0e-07\nb: 1e-07\nc: .5\nd: 1.\ne: 6.02e+23\nf: 1_0.5",
        "a: yes\nb: No\nc: on\nd: OFF\ne: ~\nf: NULL\ng: Null\nh:\ni: y",
        "a: 2026-11-22\nb: 2026-11-22T10:00:00Z\nc: 2026-11-22 10:00:00.5 +01:00",
        "a: !!str 5\nb: !!int '5'\nc: !!float 5\nd: ! x",
        "a: |\n  two\n  lines\nb: >-\n  one\n  line\nc: 'it''s'\nd: \"\\u00e9\\x41\"",
        "x: &x {a: 1, b: {c: 2}}\ny: {<<: *x, b: 3}\nz: {b: 4, <<: [{b: 5, d: 6}, *x]}",
        "base: &b {<<: {deep: 1}, own: 2}\nuse: {<<: *b}",
        "- a\n- - b\n  - c\n- {d: [e]}",
        "# only a comment\n",
        "",
        "---\na: 1\n...\n",
        "a: 1\r\nb: 2\r\n",
        "\ufeffa: 1\n",
    ],
)
def test_parse_yaml_1_1(text: str) -> None:
    document = parsed(text)
    assert document.problems == ()
    assert document.data == yaml.safe_load(text)
    assert repr(document.data) == repr(yaml.safe_load(text)) or "<<" in text  # types too; merges differ in order


@pytest.mark.parametrize(
    ("text", "rule", "line", "column", "words"),
    [
        ("a: 1\nb: [1, 2\n", "yaml-syntax", 2, 1, "expected"),
        ("a: b: c\n", "yaml-syntax", 1, 5, "mapping values"),
        ("a:\n\tb: 2\n", "yaml-syntax", 2, 1, "token"),
        ("a: *b\n", "yaml-syntax", 1, 4, "undefined alias"),
        ("a: 1\n---\nb: 2\n", "yaml-syntax", 2, 1, "document"),
        ("a: 1\nb: 'x\n", "yaml-syntax", 2, 1, "quoted scalar"),
        ("a: 1\nb: 2\na: 3\n", "duplicate-key", 3, 1, "a.yaml:1:1"),
        ("a: {b: 1, b: 2}\n", "duplicate-key", 1, 11, "a.yaml:1:5"),
        ("a: [1]\na: [1]\n", "duplicate-key", 2, 1, "`a` is written twice with the same value, first at a.yaml:1:1"),
        ("x: &x {a: 1}\ny:\n  <<: *x\n  <<: *x\n", "duplicate-key", 4, 3, "`<<` is written twice"),
        ("y: {<<: 5}\n", "bad-merge", 1, 9, "mapping"),
        ("a: \x00\n", "bad-character", 1, 4, "U+0000"),
        ("a: 1\nb: \x07x\n", "bad-character", 2, 4, "U+0007"),
        (b"a: 1\nb: \xff\n", "not-utf8", 2, 4, "0xff"),
        ("a: 1\n".encode("utf-16"), "not-utf8", 1, 1, "0xff"),
        ("4.1: {}\n", "bad-key", 1, 1, "number"),
        ("a: {on: 1}\n", "bad-key", 1, 5, "boolean"),
        ("a: 2026-13-45\n", "bad-value", 1, 4, "date"),
        ("a: .inf\n", "bad-value", 1, 4, "finite"),
        ("a: !mine x\n", "unknown-tag", 1, 4, "!mine"),
        ("a: !!binary aGk=\n", "unknown-tag", 1, 4, "binary"),
        ("a: &a [*a]\n", "alias-loop", 1, 4, "itself"),
    ],
)
def test_parse_problem_has_a_place(text: str | bytes, rule: str, line: int, column: int, words: str) -> None:
    problem = only_problem(text)
    assert (problem.rule, problem.line, problem.column) == (rule, line, column)
    assert words in problem.message


def test_parse_finds_every_problem_of_a_file() -> None:
    document = parsed("1: a\nb: !x y\nb: .nan\n")
    assert [problem.rule for problem in document.problems] == ["bad-key", "unknown-tag", "duplicate-key", "bad-value"]


def test_parse_quotes_the_key_in_the_hint() -> None:
    assert only_problem("models:\n  4.10: {}\n").hint == '"4.10":'


@pytest.mark.parametrize(
    "text", ["[" * 200_000, "- " * 200_000, "{a: " * 50_000, "a:\n" + "".join(" " * n + "- \n" for n in range(1, 900))]
)
def test_parse_deep_nesting_is_refused(text: str) -> None:
    problem, calls = counted(lambda: only_problem(text))
    assert problem.rule in ("nested-too-deep", "yaml-syntax")
    assert calls < 5_000  # the text has up to 200,000 brackets


def test_parse_alias_bomb_is_refused_quickly() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    problem, calls = counted(lambda: only_problem("\n".join(lines)))
    assert problem.rule == "too-many-aliases"
    assert calls < 20_000  # it stands for 9 ** 30 values


def test_read_file_too_large(tmp_path: Path) -> None:
    path = tmp_path / "big.yaml"
    with path.open("wb") as handle:
        handle.truncate(50 * 1024 * 1024)
    problem, calls = counted(lambda: parse.read(path, "big.yaml"))
    assert isinstance(problem, Problem)
    assert problem.rule == "file-too-large"
    assert calls < 1_000  # it was read in a few calls and never parsed


def test_read_folder_missing_and_dangling(tmp_path: Path) -> None:
    (tmp_path / "folder.yaml").mkdir()
    (tmp_path / "link.yaml").symlink_to("nowhere")
    (tmp_path / "round.yaml").symlink_to("round.yaml")
    for name, words in (
        ("round.yaml", "cannot be read"),
        ("folder.yaml", "folder"),
        ("link.yaml", "not exist"),
        ("gone.yaml", "not exist"),
    ):
        problem = parse.read(tmp_path / name, name)
        assert isinstance(problem, Problem)
        assert problem.rule == "unreadable-file"
        assert words in problem.message


TEXT = """\
x-base: &base {timeout: 60}
models:
  first: {}
  second:
    params:
      <<: *base
      list: [a, {b: c}]
"""


@pytest.mark.parametrize(
    ("path", "value", "place"),
    [
        ((), False, (1, 1)),
        (("models",), False, (2, 1)),
        (("models", "second"), False, (4, 3)),
        (("models", "first"), True, (3, 10)),
        (("models", "second", "params", "timeout"), False, (1, 16)),
        (("models", "second", "params", "timeout"), True, (1, 25)),
        (("models", "second", "params", "list", 1, "b"), False, (7, 18)),
        (("models", "second", "params", "list", 1, "b"), True, (7, 21)),
        (("models", "second", "nothing", "here"), False, (4, 3)),
        (("models", "second", "params", "list", 7), False, (7, 7)),
    ],
)
def test_locate(path: tuple[str | int, ...], value: bool, place: tuple[int, int]) -> None:
    assert parse.locate(TEXT, path, value=value) == place
