"""Rules that golden cases cannot say: what must never be printed, what is free, what holds for graphs."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelctl.check.graph import loops
from modelctl.check.secrets import is_secret_name
from modelctl.errors import errors_in
from support.catalogs import built, write

SECRET = "zQ9-very-secret-value"


@pytest.mark.parametrize(
    "text",
    [
        f"api_key: {SECRET}\nmodels: {{a: {{}}}}",
        f"api_key: [{SECRET}]\nmodels: {{a: {{}}}}",
        f"api_key: {{{SECRET}: {SECRET}}}\nmodels: {{a: {{}}}}",
        f"models: {{a: {{params: {{api_key: {SECRET}, password: {SECRET}}}}}}}",
        f"models: {{a: {{params: {{extra_headers: {{Authorization: Bearer {SECRET}}}}}}}}}",
        f"models: {{a: {{api_base: 'https://me:{SECRET}@host'}}}}",
        f"models: {{a: {{api_keys: {SECRET}}}}}",
        f"models: {{a: {{context_window: {SECRET}, mode: [{SECRET}], lifecycle: {{status: {SECRET}}}}}}}",
        f"api_key: os.environ/{SECRET}!\nmodels: {{a: {{}}}}",
    ],
)
def test_a_value_is_never_repeated(tmp_path: Path, text: str) -> None:
    build = built(tmp_path, {"providers/p": text})
    assert build.desired is None
    assert SECRET not in "\n".join(str(problem) for problem in build.problems)


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        ("api_key", True), ("apikey", True), ("x-api-key", True), ("LANGFUSE_SECRET_KEY", True),
        ("client_secret", True),
        ("aws_secret_access_key", True), ("hf_token", True), ("Authorization", True), ("db_password", True),
        ("max_tokens", False), ("input_cost_per_token", False), ("tokenizer", False), ("key", False),
        ("bos_token", False),
    ],
)  # fmt: skip
def test_is_secret_name(name: str, secret: bool) -> None:
    assert is_secret_name(name) is secret


def test_every_provider_and_route_is_checked_at_once(tmp_path: Path) -> None:
    files = {
        "providers/a": "models: {a: {fallbacks: [x]}}",
        "providers/b": "models: {b: {fallbacks: [y]}}",
        "routes": "r: {target: z}",
        "proxy": "default_fallbacks: [w]",
    }
    found = [problem.message for problem in built(tmp_path, files).problems]
    assert [name for name in "wxyz" if any(f"`{name}`" in message for message in found)] == list("wxyz")


def test_a_wildcard_covers_names(tmp_path: Path) -> None:
    files = {
        "providers/openai": "models: {'*': {}, mine: {fallbacks: [openai/gpt-4.1]}}",
        "routes": "active: {target: openai/gpt-5, fallbacks: [mine]}\nother: {target: azure/gpt-5}",
    }
    assert [problem.message for problem in errors_in(built(tmp_path, files).problems)] == [
        "route `other` points to `azure/gpt-5`: there is no such model"
    ]


def test_a_problem_goes_when_it_is_mended(tmp_path: Path) -> None:
    from modelctl.pipeline import Builder
    from support.catalogs import TODAY

    write(tmp_path, {"providers/a": "models: {a: {fallbacks: [b]}}", "providers/b": "models: {b: {fallbacks: [a]}}"})
    builder = Builder(tmp_path, TODAY)
    assert [problem.rule for problem in builder.build().problems] == ["fallback-loop"]
    write(tmp_path, {"providers/b": "models: {c: {}}"})
    assert [problem.rule for problem in builder.build().problems] == ["unknown-model"]
    write(tmp_path, {"providers/b": "models: {b: {}}"})
    assert builder.build().problems == []


@given(st.dictionaries(st.sampled_from("abcdef"), st.lists(st.sampled_from("abcdef"), unique=True), max_size=6))
def test_loops_are_loops_and_none_goes_unseen(chains: dict[str, list[str]]) -> None:
    found = loops(chains)
    for loop in found:
        assert len(set(loop)) == len(loop) > 1
        assert all(after in chains[before] for before, after in zip(loop, (*loop[1:], loop[0]), strict=True))
    on_a_loop = {name for loop in found for name in loop}
    assert bool(on_a_loop) == any(_returns(chains, name) for name in chains)


def _returns(chains: dict[str, list[str]], start: str) -> bool:
    """Whether `start` is reached again from itself over at least one other name."""
    seen: set[str] = set()
    waiting = [step for step in chains[start] if step != start]
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += chains.get(name, [])
    return start in seen
