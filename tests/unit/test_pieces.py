"""A file that is read entry by entry says the very same as one that is read whole: values, places, problems."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from modelctl.catalog import parse, pieces, plain
from modelctl.catalog.pieces import Pieces
from modelctl.catalog.split import split
from modelctl.configfile.__main__ import message
from modelctl.configfile.read_config import ConfigReader
from modelctl.pipeline import Builder
from modelctl.state.desired import digest
from support.catalogs import TODAY, write
from support.count_calls import counted
from support.effort import examples
from support.fuzz import mutated
from support.rule_cases import cases

ROOT = Path(__file__).parents[2]
SECTIONS = ("models", "model_list")


def assert_same(raw: bytes, section: str, before: parse.Document | None = None) -> parse.Document:
    """Returns what was read in parts (or whole, where it could not be)."""
    whole, parts = parse.parse(raw, "a.yaml"), pieces.parse_in_parts(raw, "a.yaml", section, before)
    assert repr(parts.data) == repr(whole.data)
    assert parts.problems == whole.problems
    for path in [(), ("nothing",), (section, "nothing"), (section, 99), *paths(whole.data)]:
        for value in (False, True):
            assert parts.place(path, value=value) == whole.place(path, value=value), (path, value)
            below = (*path, "nothing")
            assert parts.place(below, value=value) == whole.place(below, value=value), (below, value)
    return parts


def paths(data: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    for step, each in data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ():
        yield (*path, step)
        yield from paths(each, (*path, step))


# -- what people and programs write --------------------------------------------------------------

WORDS = st.sampled_from(
    [
        *("gpt", "openai/gpt-5-mini", "os.environ/KEY", "*", "openai/*", "a: b", "a #b", "no", "1e-07", "0x1F", "4.1"),
        *(
            "2026-01-01",
            "two\nlines",
            "# no comment",
            "- no item",
            "a & b",
            "it's",
            '"quoted"',
            "trailing ",
            "é \u2028",
        ),
        *("~", ""),
    ]
)
SCALARS = WORDS | st.booleans() | st.integers(-5, 10**12) | st.floats(allow_nan=False) | st.none() | st.text(max_size=9)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3), max_leaves=8
)
ENTRIES = {
    "models": st.dictionaries(WORDS | st.text(min_size=1, max_size=6), VALUES, min_size=1, max_size=4),
    "model_list": st.lists(st.dictionaries(WORDS, VALUES, min_size=1, max_size=3) | SCALARS, min_size=1, max_size=4),
}
STYLES = st.fixed_dictionaries(
    {
        "indent": st.sampled_from([2, 3, 4]),
        "default_flow_style": st.sampled_from([False, False, None]),
        "default_style": st.sampled_from([None, None, "|", ">", "'", '"']),
        "allow_unicode": st.booleans(),
        "width": st.sampled_from([20, 80]),
    }
)
BETWEEN = st.sampled_from(["", "", "\n", "# a comment\n", "  # a comment\n\n", "      # far in\n", "   \n"])


@st.composite
def texts(draw: st.DrawFn, section: str) -> str:
    """A section with entries between others, in many styles, with comments and blank lines between the lines."""
    style = draw(STYLES)
    others = st.dictionaries(
        st.sampled_from(["name", "api_key", "x-a", "models", "params", "zeta"]), VALUES, max_size=2
    )
    dumped = [
        yaml.safe_dump(part, sort_keys=False, **style) if part else ""
        for part in (draw(others), {section: draw(ENTRIES[section])}, draw(others))
    ]
    lines = "".join(dumped).splitlines(keepends=True)
    extra = draw(st.dictionaries(st.integers(0, len(lines)), BETWEEN, max_size=3))
    if draw(st.booleans()):
        lines = [line.replace(f'"{section}":', f"{section}:") for line in lines]
    return "".join(extra.get(number, "") + line for number, line in enumerate(lines))


@pytest.mark.parametrize("section", SECTIONS)
@settings(max_examples=examples(150), deadline=None)
@given(st.data())
def test_parts_say_what_the_whole_says(section: str, data: st.DataObject) -> None:
    assert_same(data.draw(texts(section)).encode("utf-8", "surrogatepass"), section)


@pytest.mark.parametrize("section", SECTIONS)
@settings(max_examples=examples(150), deadline=None)
@given(st.data(), st.integers(0, 2**32))
def test_mutated_parts_say_what_the_whole_says(section: str, data: st.DataObject, seed: int) -> None:
    """One edit after another, each read with what was kept of the one before."""
    dice = random.Random(seed)
    raw, before = data.draw(texts(section)).encode("utf-8", "surrogatepass"), None
    for _ in range(4):
        before = assert_same(raw, section, before)
        raw = _edited(raw, dice)


def _edited(raw: bytes, dice: random.Random) -> bytes:
    """Bytes anywhere, or whole lines: moved, doubled, dropped, indented otherwise."""
    lines = raw.splitlines(keepends=True)
    if dice.random() < 0.3 or not lines:
        return mutated(raw, dice)
    at = dice.randrange(len(lines))
    line = lines.pop(at)
    kind = dice.randrange(4)
    if kind == 0:
        lines.insert(dice.randrange(len(lines) + 1), line)
    elif kind == 1:
        lines[at:at] = [line, line]
    elif kind == 2:
        lines.insert(at, b" " * dice.randrange(5) + line.lstrip(b" "))
    return b"".join(lines)


ENTRY = "models:\n  a: {mode: chat}\n  b:\n    mode: chat\n"
LIST = "model_list:\n- model_name: a\n  litellm_params: {model: openai/a}\n- model_name: b\n"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (ENTRY, 2),
        (f"name: x\n{ENTRY}zeta: 1\n", 2),
        (f"# head\n\n{ENTRY}# between\n\nzeta:\n- 1\n", 2),
        (f"---\n{ENTRY}", 2),
        (f"{ENTRY}...\n", 2),
        ("models: # why\n    a:\n      x: 1\n    b:\n", 2),
        ("models:\n  \"a b\": {}\n  'c': {}\n  d/e: {}\n  1e: {}\n", 4),
        ("models:\n  a:\n    description: |\n      b:\n\n      c: d\n  e: >-\n    f\n\n", 2),
        ("models:\n  a: one\n    more: no\n", 0),
        ("models:\n  a: one\n    more\n  b: 1\n", 2),
        (LIST, 2),
        (f"{LIST}general_settings: {{}}\n", 2),
        ("model_list:\n  - model_name: a\n  -\n    model_name: b\n  - - c\n", 3),
        ("model_list:\n- a\n-b: 1\n", 1),
    ],
)
def test_what_is_read_in_parts(text: str, parts: int) -> None:
    section = "model_list" if "model_list" in text else "models"
    read = assert_same(text.encode(), section)
    assert len(read.pieces if isinstance(read, Pieces) else ()) == parts


@pytest.mark.parametrize(
    "text",
    [
        "models:\n  a: &x {mode: chat}\n  b: *x\n",
        "models:\n  a: &x 1\n  b: &x 2\n",
        "x-a: &x 1\nmodels:\n  a: &x 2\n",
        "models:\n  a: 1\n  a: 2\n",
        "models:\n  a: 1\nname: x\nmodels:\n  b: 1\n",
        "models:\n  a: 1\n1: 2\n",
        "models:\n  1: {}\n  b: {}\n",
        "models:\n  <<: {a: 1}\n  b: {}\n",
        "models:\n  ? a\n  : 1\n  b: 2\n",
        "models:\n  - a\n  - b\n",
        "models:\n  a: {x: 1,\n  b: 2}\n",
        'models:\n  a: "one\n  b: two"\n',
        'name: "x\nmodels:\n  a: y"\nzeta: "\nb: c"\n',
        "models:\n   a: 1\n  b: 2\n",
        "models:\n  a: 1\n b: 2\n",
        "models:\n  a:\n\t  b: 1\n",
        "models:\n  a: 1\r\n  b: 2\r\n",
        "models:\n  a: 'x\u2028y'\n",
        "%TAG !y! tag:yaml.org,2002:\n---\nmodels:\n  a: !y!str 1\n",
        f"{ENTRY}---\n{ENTRY}",
        f"{ENTRY}- x\n",
        "models:\n  a: !mine 1\n",
        "models:\n",
        "models: {}\n",
        "models:\n  # nothing\n",
        "- models:\n  a: 1\n",
        "models: \n\n--- \n  a: 1\n",
        "models:\n  a: 1\n  b\n",
        "models:\n  a: 1\n  'b'\n",
        f"models:\n  a: {'[' * 62}{']' * 62}\n",
        f"models:\n  a: {'[' * 61}{']' * 61}\n",
        "models:\n  a: 1\n \xa0b: 2\n",
        f"models:\n  {'k' * 1100}: 1\n  b: 2\n",
    ],
)
def test_what_is_unusual_is_read_whole_or_means_the_same(text: str) -> None:
    assert_same(text.encode(), "models")
    listed = text.replace("models:", "model_list:")
    assert_same(listed.encode(), "model_list")


def ours() -> list[Path]:
    folders = [ROOT / "catalog", ROOT / "examples", ROOT / "tests" / "rules", ROOT / "tests" / "golden"]
    return [ROOT / "litellm_config.yaml", *(path for each in folders for path in sorted(each.rglob("*.y*ml")))]


def test_every_file_of_ours_says_the_same() -> None:
    read = [assert_same(path.read_bytes(), section) for path in ours() for section in SECTIONS]
    assert sum(isinstance(each, Pieces) for each in read) > 20
    for case in [*cases("pass"), *cases("fail")]:
        for text in case.files.values():
            for section in SECTIONS:
                assert_same(text.encode("utf-8", "surrogateescape"), section)


# -- the plain part of YAML ----------------------------------------------------------------------

TOKENS = st.sampled_from(
    [
        *(
            "a",
            "b-c",
            "gpt-5-mini",
            "openai/gpt-5",
            "os.environ/KEY",
            "http://h:1/v1",
            "x y",
            "it's",
            '"q"',
            "'q'",
            "1",
        ),
        *(
            "-1",
            "-.5",
            "0x1F",
            "1e-07",
            "1.0e-07",
            "4.1",
            "1_0",
            "190:20:30",
            "2026-01-01",
            "yes",
            "null",
            ".inf",
            ".nan",
        ),
        *("{}", "[]", "{a: 1}", "{a: b, c: 'd, e'}", "[a, 'b, c']", "{a: 1, a: 2}", "[x:y, 1:2]", "{a: http://h/}"),
        *(
            '"a, b"',
            '"a\\nb"',
            "a:b",
            "a: b",
            "a#b",
            "a #b",
            "# c",
            "a,",
            "[a",
            "a]",
            "<<",
            "=",
            "*",
            "&a",
            "!x",
            "|",
            ">",
        ),
        *("?", "-", "--", "...", "---", "@a", "`a`", "%a", "~", "on", "''", '""', "a  b", "é", ":", "a:", "$x", "a\tb"),
    ]
)


@st.composite
def lines(draw: st.DrawFn) -> str:
    margin = " " * draw(st.sampled_from([0, 0, 0, 2, 2, 2, 4, 4, 1, 3, 6]))
    dash = draw(st.sampled_from(["", "", "", "- ", "-   ", "-"]))
    key = draw(st.sampled_from(["", "{}:", "{}: ", "{}: ", "{}:  "])).format(draw(TOKENS))
    return margin + dash + key + draw(st.just("") | TOKENS) + draw(st.sampled_from(["", "", " # c", " "]))


@settings(max_examples=examples(2000), deadline=None)
@given(st.lists(lines(), min_size=1, max_size=6))
def test_what_is_read_line_by_line_is_what_libyaml_reads(text: list[str]) -> None:
    said = plain.read("\n".join(text) + "\n")
    if said is not plain.UNKNOWN:
        whole = parse.parse(("\n".join(text) + "\n").encode(), "a.yaml")
        assert (repr(said), ()) == (repr(whole.data), whole.problems)


def test_usual_entries_are_read_line_by_line() -> None:
    folders = (ROOT / "catalog", ROOT / "examples")
    read = [
        plain.read(each)
        for path in (path for folder in folders for path in sorted(folder.rglob("*.yaml")))
        for section in SECTIONS
        if (cut := split(path.read_text(), section, items=section == "model_list"))
        for each in cut.pieces
    ]
    assert sum(each is not plain.UNKNOWN for each in read) > 0.5 * len(read) > 10
    assert plain.read(provider(1).partition("models:\n")[2]) is not plain.UNKNOWN


# -- what is made of it --------------------------------------------------------------------------

MODEL = """\
  m-{number}:
    description: Model {number}
    api_base: http://host/{number}/
    params: {{timeout: {timeout}}}
    fallbacks: [m-{fallback}]
"""


def provider(count: int, **changed: int) -> str:
    """`changed`: another timeout, by model."""
    models = "".join(
        MODEL.format(number=number, timeout=changed.get(f"m{number}", 60), fallback=(number + 1) % count)
        for number in range(count)
    )
    return f"litellm_provider: openai\napi_key: os.environ/KEY\nmodels:\n{models}"


EDITS = st.lists(
    st.sampled_from(
        [
            ("timeout: 60", "timeout: 61"),
            ("timeout: 6", "timeout: 'no'"),
            ("timeout: 'no'", "timeout: 6"),
            ("  m-3:\n", "  # above\n\n  m-3:\n"),
            ("  m-3:\n", "  m-0:\n"),
            ("  m-1:\n", "  m-11:\n    mode: chat\n    info: {strange: 1}\n  m-1:\n"),
            ("  m-2:\n", "  m-2:\n    context_windo: 5\n"),
            ("    context_windo: 5\n", ""),
            ("    info: {strange: 1}\n", ""),
            ("[m-2]", "[m-22]"),
            ("[m-22]", "[m-2]"),
            ("os.environ/KEY", "sk-abcdefghijklmnopqrstuvwx"),
            ("sk-abcdefghijklmnopqrstuvwx", "os.environ/KEY"),
            ("api_key: ", "api_base: http://host/v1/\nenv_defaults: {A: b}\napi_key: "),
            ("http://host/1/", "os.environ/BASE"),
            ("    params: {timeout: 60}\n", "    params: &p {timeout: 60}\n"),
            ("&p ", ""),
            ("  m-4:\n", "  m-4:\n    lifecycle: {status: retired}\n"),
            ("litellm_provider: openai", "litellm_provider: opena"),
            ("litellm_provider: opena\n", "litellm_provider: openai\n"),
            ("  m-0:\n", "  m-0:\n    public_name: m-1\n    load_balanced: true\n"),
            ("    public_name: m-1\n", ""),
        ]
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=examples(40), deadline=None)
@given(EDITS, st.booleans())
def test_a_builder_that_stays_says_what_a_fresh_one_says(
    tmp_path_factory: pytest.TempPathFactory, edits: list[tuple[str, str]], looked_up: bool
) -> None:
    folder = tmp_path_factory.mktemp("catalog")
    text = provider(5)
    write(folder, {"providers/one": text, "providers/two": "models: {z: {}}\n", "routes": "active: {target: m-0}\n"})
    environ = {"KEY": "x"} if looked_up else None
    stays = Builder(folder, TODAY, environ=environ)
    stays.build()
    for old, new in edits:
        text = text.replace(old, new, 1)
        write(folder, {"providers/one": text})
        made, fresh = stays.build(), Builder(folder, TODAY, environ=environ).build()
        assert made.problems == fresh.problems
        assert made.desired == fresh.desired
        if made.desired and fresh.desired:
            assert made.desired.revision == fresh.desired.revision
            assert list(made.desired.deployments) == list(fresh.desired.deployments)


CONFIG = """\
model_list:
- model_name: a
  litellm_params: {model: openai/gpt-5-mini, timeout: 5}
- model_name: b
  litellm_params:
    model: nobody/b
- model_name: c
  litellm_params: {model: openai/c, timeout: 'no'}
router_settings:
  model_group_alias: {active: a}
"""
CONFIG_EDITS = st.lists(
    st.sampled_from(
        [
            ("timeout: 5", "timeout: 6"),
            ("timeout: 'no'", "timeout: 7"),
            ("- model_name: b", "# why\n\n- model_name: b"),
            ("- model_name: b", "- model_name: a"),
            ("- model_name: c", "- model_name: 4.1"),
            ("nobody/b", "custom/b"),
            ("router_settings", "litellm_settings: {custom_provider_map: [{provider: custom}]}\nrouter_settings"),
            ("active: a", "active: z"),
            ("active: z", "active: a"),
            ("- model_name: a\n", "- model_name: a\n  model_name: a\n"),
            ("  model_name: a\n", ""),
            ("  litellm_params: {model: openai/c", "  model_info: {id: one}\n  litellm_params: {model: openai/c"),
            ("model_list:\n", "model_list:\n- just text\n"),
            ("model_list:\n- just text\n", "model_list:\n"),
            ("router_settings", "include: [more.yaml]\nrouter_settings"),
        ]
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=examples(60), deadline=None)
@given(CONFIG_EDITS)
def test_a_reader_that_stays_says_what_a_fresh_one_says(
    tmp_path_factory: pytest.TempPathFactory, edits: list[tuple[str, str]]
) -> None:
    folder = tmp_path_factory.mktemp("config")
    path, text, stays = folder / "config.yaml", CONFIG, ConfigReader()
    (folder / "more.yaml").write_text("model_list:\n- {model_name: d, litellm_params: {model: openai/d}}\n")
    for old, new in [("", ""), *edits]:
        text = text.replace(old, new, 1)
        path.write_text(text)
        kept, fresh = stays.read(path), ConfigReader().read(path)
        assert (kept.config, kept.problems, kept.digests) == (fresh.config, fresh.problems, fresh.digests)
        assert kept.digests == [digest(entry) for entry in kept.entries]
        assert message(kept) == message(fresh)


def test_an_edit_of_one_entry_costs_one_entry(tmp_path: Path) -> None:
    path, calls = tmp_path / "config.yaml", {}
    for count in (100, 1000):
        reader = ConfigReader()
        for timeout in (60, 61, 62):
            entries = [
                f"- model_name: m-{number}\n  litellm_params: {{model: openai/m-{number}, timeout: {timeout}}}\n"
                if number == 7
                else f"- model_name: m-{number}\n  litellm_params: {{model: openai/m-{number}, api_base: http://h}}\n"
                for number in range(count)
            ]
            path.write_text("model_list:\n" + "".join(entries))
            read, calls[count] = counted(lambda: message(reader.read(path)))  # noqa: B023 - called at once
            assert len(read.digests) == count
    print(f"calls: {calls}")
    assert (calls[1000] - calls[100]) / 900 < 45
    assert calls[100] < 6000  # most of which are for the entry and the file, whatever else stands in it


def test_an_edit_of_one_model_costs_one_model(tmp_path: Path) -> None:
    """Calls, not seconds. What ten times as many models add is sweeps over names, and (here, since each has a problem
    of its own) telling anew where each problem stands."""
    calls = {}
    for count in (100, 1000):
        folder = tmp_path / str(count)
        builder = Builder(write(folder, {"providers/one": provider(count)}), TODAY)
        builder.build()
        for timeout in (61, 62):
            write(folder, {"providers/one": provider(count, m7=timeout)})
            build, calls[count] = counted(builder.build)
            assert build.desired is not None
    print(f"calls: {calls}")
    assert (calls[1000] - calls[100]) / 900 < 85
    assert calls[100] < 12_000
