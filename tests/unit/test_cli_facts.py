"""`facts`: what is written beside what LiteLLM's map says, and taking the map's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from modelctl.catalog.edit import replace_values
from modelctl.litellm_spec.price_map import facts_of
from modelctl.pipeline import build
from support.cli import call

PROVIDER = """\
# prices as we negotiated them
litellm_provider: openai
api_key: none
models:
  gpt-4o:
    context_window: 1000   # wrong on purpose
    price: {input: 2.4, output: 9.9}  # close
  gpt-4o-mini: {supports_tools: true}
  ours: {model: nobody-knows-it, price: {input: 1, output: 2}}
"""


@pytest.fixture
def catalog(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return write(tmp_path, PROVIDER)


def write(root: Path, text: str) -> Path:
    folder = root / "catalog" / "providers"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "openai.yaml").write_text(text)
    return root / "catalog"


def test_drift_is_told_with_its_place(catalog: Path) -> None:
    known = facts_of("openai/gpt-4o")
    data = json.loads(call("facts", "--json").out)
    found = {one["fact"]: (one["model"], one["written"], one["known"], one["line"]) for one in data["drifts"]}
    assert found == {
        "context_window": ("openai/gpt-4o", 1000, known.context_window, 6),
        "price.input": ("openai/gpt-4o", 2.4, known.input, 7),
        "price.output": ("openai/gpt-4o", 9.9, known.output, 7),
    }
    assert data["unknown"] == ["openai/ours"]
    assert data["retiring"] == {}
    assert (catalog / "providers" / "openai.yaml").read_text() == PROVIDER


def test_a_date_that_nobody_wrote_is_told(catalog: Path) -> None:
    write(catalog.parent, "litellm_provider: azure\napi_key: none\napi_base: http://x\nmodels: {gpt-4o: {}}\n")
    assert json.loads(call("facts", "--json").out)["retiring"] == {"openai/gpt-4o": facts_of("azure/gpt-4o").retires}


def test_update_replaces_values_and_nothing_else(catalog: Path) -> None:
    known = facts_of("openai/gpt-4o")
    ran = call("facts", "--update")
    assert (ran.code, ran.out) == (0, "3 facts updated\n")
    wanted = PROVIDER.replace("1000 ", f"{known.context_window} ").replace("2.4", "2.5").replace("9.9", "10.0")
    assert (catalog / "providers" / "openai.yaml").read_text() == wanted
    assert [problem.rule for problem in build(catalog).problems] == ["partial-price"]
    assert json.loads(call("facts", "--json").out)["drifts"] == []


def test_a_rise_needs_consent_and_holds_everything_back(catalog: Path) -> None:
    text = PROVIDER.replace("input: 2.4", "input: 1.0")
    write(catalog.parent, text)
    ran = call("facts", "--update")
    assert (ran.code, ran.out) == (1, "")
    assert "openai/gpt-4o price.input 1 to 2.5" in ran.err
    assert (catalog / "providers" / "openai.yaml").read_text() == text
    assert call("facts", "--update", "--accept-rises").code == 0
    assert "input: 2.5" in (catalog / "providers" / "openai.yaml").read_text()


def test_what_differs_on_purpose_is_kept(catalog: Path) -> None:
    text = PROVIDER.replace("# wrong on purpose", "# modelctl: ignore[facts] wrong on purpose")
    text = text.replace("    price:", "    # modelctl: ignore[facts] negotiated\n    price:")
    write(catalog.parent, text)
    data = json.loads(call("facts", "--json").out)
    assert (data["drifts"], len(data["kept"])) == ([], 3)
    assert "no written fact differs from the map; 3 kept on purpose" in call("facts").err
    assert call("facts", "--update").out == "0 facts updated\n"
    assert (catalog / "providers" / "openai.yaml").read_text() == text
    assert [problem.rule for problem in build(catalog).problems] == ["partial-price"]


def test_a_comment_without_a_reason_keeps_nothing(catalog: Path) -> None:
    write(catalog.parent, PROVIDER.replace("# wrong on purpose", "# modelctl: ignore[facts]"))
    assert call("facts", "--update").out == "3 facts updated\n"


def test_the_help_says_how() -> None:
    assert "# modelctl: ignore[facts] why" in call("facts", "--help").out


def test_one_fact_is_one(catalog: Path) -> None:
    write(catalog.parent, PROVIDER.replace("    price: {input: 2.4, output: 9.9}  # close\n", ""))
    assert call("facts", "--update").out == "1 fact updated\n"


def test_a_shared_value_is_left_to_people(catalog: Path) -> None:
    text = PROVIDER.replace("{input: 2.4, output: 9.9}", "&deal {input: 2.4, output: 9.9}")
    text = text.replace("supports_tools: true", "price: *deal")
    write(catalog.parent, text)
    ran = call("facts", "--update", "--accept-rises")
    assert (ran.code, "by hand" in ran.err) == (1, True)
    assert (catalog / "providers" / "openai.yaml").read_text() == text


def test_a_broken_catalog_is_not_examined(catalog: Path) -> None:
    write(catalog.parent, "models: {gpt-4o: {price: {inputt: 1}}}\n")
    ran = call("facts")
    assert (ran.code, "unknown-key" in ran.err) == (1, True)


def test_the_second_source_is_named(catalog: Path) -> None:
    write(catalog.parent, "litellm_provider: deepseek\napi_key: none\nmodels: {deepseek-chat: {}}\n")
    doubts = json.loads(call("facts", "--json").out)["doubts"]
    assert {one["side"] for one in doubts} <= {"input", "output", "cached_input"}
    assert all(one["source"] == "genai-prices" and one["map"] != one["other"] for one in doubts)
    assert doubts, "the map and genai-prices agree on deepseek-chat now: pick another model"


@pytest.mark.parametrize(
    ("text", "path", "wanted"),
    [
        ("a: 1 # x\nb: 2\n", ("a",), "a: 9 # x\nb: 2\n"),
        ("a: {b: 'x', c: 2}\n", ("a", "b"), "a: {b: 9, c: 2}\n"),
        ("a:\n  - x\n  - y\n", ("a", 1), "a:\n  - x\n  - 9\n"),
        ("ü: ä\nb: ö\n", ("b",), "ü: ä\nb: 9\n"),
        ("a: 1\r\nb: 2\r\n", ("b",), "a: 1\r\nb: 9\r\n"),
    ],
)
def test_replace_values_keeps_every_other_byte(text: str, path: tuple[str | int, ...], wanted: str) -> None:
    assert replace_values(text, {path: "9"}) == wanted


@pytest.mark.parametrize(("text", "path"), [("a: {b: 1}", ("a",)), ("a: 1", ("b",)), ("x: &y 1\na: *y", ("x",))])
def test_replace_values_refuses_what_has_no_one_answer(text: str, path: tuple[str, ...]) -> None:
    with pytest.raises(KeyError):
        replace_values(text, {path: "9"})
