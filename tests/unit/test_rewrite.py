"""Giving a YAML mapping other entries: what it means is what was wanted, and what stays keeps its bytes."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from modelctl.catalog.edit import Span, splice
from modelctl.catalog.parse import parse
from modelctl.catalog.rewrite import dump, entries, line_owner, plain, rewrite

TEXT = """\
# what this is

name: One   # remark
tags:
- a
# between
- b
params:
  x: 1  # inside

  y: |
    # no comment
    text

# of the next
mode: chat
# the end
"""


def read(text: str) -> Any:
    document = parse(text.encode(), "x.yaml")
    assert not document.problems, (document.problems, text)
    return plain(document.data or {})


def test_what_is_equal_keeps_every_byte() -> None:
    assert rewrite(TEXT, read(TEXT)).text == TEXT


def test_one_value() -> None:
    made = rewrite(TEXT, {**read(TEXT), "name": "Two: it"})
    assert made.text == TEXT.replace("One   # remark", "'Two: it'   # remark")
    assert made.kept


def test_an_entry_goes_with_its_comments_and_no_others() -> None:
    wanted = {key: value for key, value in read(TEXT).items() if key != "params"}
    assert rewrite(TEXT, wanted).text == TEXT[: TEXT.index("params:")] + TEXT[TEXT.index("\n# of the next") :]


def test_new_entries_come_last() -> None:
    assert rewrite(TEXT, {**read(TEXT), "price": {"input": 1}}).text == TEXT + "price: {input: 1}\n"
    assert rewrite("a: 1", {"a": 1, "b": 2}).text == "a: 1\nb: 2\n"
    assert rewrite("", {"a": 1}).text == "a: 1\n"
    assert rewrite("# only this\n", {"a": 1}).text == "# only this\na: 1\n"


def test_line_ends_stay() -> None:
    assert rewrite("a: 1\r\nb: 2\r\n", {"a": 3, "b": 2, "c": 4}).text == "a: 3\r\nb: 2\r\nc: 4\r\n"


@pytest.mark.parametrize("text", ["{a: 1, b: 2}\n", "a: &x 1\nb: *x\n", "  a: 1\n  b: 2\n", "---\na: 1\nb: 2\n...\n"])
def test_what_is_no_plain_block_is_still_right(text: str) -> None:
    assert read(rewrite(text, {"b": 2, "c": [1]}).text) == {"b": 2, "c": [1]}


def test_who_owns_a_line() -> None:
    owners = [line_owner(TEXT, number) for number in range(1, TEXT.count("\n") + 2)]
    assert owners[2:8] == ["name", "tags", "tags", "tags", "tags", "params"]
    assert (owners[0], owners[-1], line_owner(TEXT, 0), line_owner(TEXT, 99)) == (None, None, None, None)
    assert list(entries(TEXT)) == ["name", "tags", "params", "mode"]


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=12)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | WORDS
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3))
MAPPINGS = st.dictionaries(WORDS, VALUES, max_size=5)


@given(MAPPINGS, MAPPINGS, st.booleans(), st.sampled_from([1, 2]))
def test_it_means_what_was_wanted(before: dict[str, Any], wanted: dict[str, Any], flow: bool, block: int) -> None:
    text = yaml.safe_dump(before, allow_unicode=True, default_flow_style=flow)
    assert read(rewrite(text, wanted, block).text) == wanted
    assert read(dump(wanted, block)) == wanted


@given(st.text(max_size=30), st.lists(st.tuples(st.integers(0, 30), st.text(max_size=3)), max_size=5), st.randoms())
def test_splice_leaves_what_stands_between_spans(text: str, cuts: list[tuple[int, str]], random: Any) -> None:
    ends = sorted({min(at, len(text)) for at, _ in cuts} | {0, len(text)})
    parts = [text[start:end] for start, end in itertools.pairwise(ends)]
    new = [written for _, written in cuts][: len(parts)]
    spans = [Span(*pair, written) for pair, written in zip(itertools.pairwise(ends), new, strict=False)]
    random.shuffle(spans)
    assert splice(text, spans) == "".join([*new, *parts[len(new) :]])
