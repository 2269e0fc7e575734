"""A hint means what was meant, or there is none: one measure for every name, and a table of known confusions."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from modelctl.check import confusions
from modelctl.check.quoting import masked_value
from modelctl.configfile.check_file import check_config
from modelctl.errors import Problem
from modelctl.litellm_spec import known_keys
from modelctl.pipeline import Builder
from modelctl.text.nearest import nearest
from modelctl.text.redact import mask

TODAY = date(2026, 11, 22)
MODELS = ("gpt-5-mini", "gpt-4.1", "gemini-3.5-flash", "claude-haiku-4-5", "claude-opus-4-8", "text-embedding-3-small")


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("gemini", "gemini-3.5-flash"), ("haiku", "claude-haiku-4-5"), ("claude-haiku-4.5", "claude-haiku-4-5"),
        ("gpt-41", "gpt-4.1"), ("gpt5-mini", "gpt-5-mini"), ("Claude-Opus-4-8", "claude-opus-4-8"), ("llama", None),
        ("mistral-large", None), ("mini", "gpt-5-mini"), ("x", None), ("", None),
    ],
)  # fmt: skip
def test_nearest_model(name: str, meant: str | None) -> None:
    assert nearest(name, MODELS) == meant


@pytest.mark.parametrize(
    ("section", "key", "hint"),
    [
        ("litellm_params", "cached_input_cost_per_token", "cache_read_input_token_cost"),
        ("litellm_params", "show_in_models", None),
        ("litellm_params", "context_window", "model_info: {max_input_tokens: ...}"),
        ("litellm_params", "api_bsae", "did you mean `api_base`?"),
        ("litellm_params", "supports_images", "model_info: {supports_vision: true}"),
        ("litellm_params", "contextWindow", "model_info: {max_input_tokens: ...}"),
        ("litellm_params", "max_context_tokens", "model_info: {max_input_tokens: ...}"),
        ("litellm_params", "supports_json_mode", "model_info: {supports_response_schema: true}"),
        ("litellm_params", "cached_input_price", "cache_read_input_token_cost (USD for one token)"),
        ("litellm_params", "output_cost_per_1m_tokens", "output_cost_per_token (USD for one token)"),
        ("litellm_params", "supports_tool_use", "model_info: {supports_function_calling: true}"),
    ],
)
def test_unknown_key(section: str, key: str, hint: str | None, tmp_path: Path) -> None:
    text = f"model_list:\n  - model_name: a\n    {section}: {{model: openai/gpt-5-mini, {key}: 1}}\n"
    found = config(text, tmp_path)
    assert [one.hint for one in found if one.rule == "unknown-key" and f"`{key}`" in one.message] == [hint]


def test_nothing_that_litellm_reads_is_called_a_confusion() -> None:
    listed = {(section, key) for section, keys in confusions._MEANT.items() for key in keys}
    assert [(section, key) for section, key in listed if key in known_keys.declared_keys(section)] == []


def config(text: str, folder: Path) -> list[Problem]:
    path = folder / "config.yaml"
    path.write_text(text, encoding="utf-8")
    return check_config(path, TODAY, {})[0]


def entry(params: str) -> str:
    return f"model_list:\n  - model_name: a\n    litellm_params: {{{params}}}\n"


def catalog(files: dict[str, str], folder: Path) -> list[Problem]:
    for name, text in files.items():
        (folder / "catalog" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "catalog" / name).write_text(text, encoding="utf-8")
    return Builder(folder / "catalog", TODAY).build().problems


@pytest.mark.parametrize(
    ("models", "hints"),
    [
        (
            "{gpt-4.1: {rpm: 100, supports_function_calling: true}}",
            {"params: {rpm: 100}", "did you mean `supports_tools`?"},
        ),
        ("[gpt-4.1, gpt-4.1-mini]", {"gpt-4.1: {}"}),
    ],
)
def test_newcomers_models(models: str, hints: set[str], tmp_path: Path) -> None:
    found = catalog({"providers/openai.yaml": f"api_key: os.environ/K\nmodels: {models}\n"}, tmp_path)
    assert {one.hint for one in found if one.severity == "error" and one.rule != "empty-catalog"} == hints


def test_route_in_short(tmp_path: Path) -> None:
    files = {"providers/openai.yaml": "models: {gpt-4.1: {}}\n", "routes.yaml": "chat: gpt-4.1\n"}
    found = [one for one in catalog(files, tmp_path) if one.severity == "error"]
    assert [one.hint for one in found] == ["chat: {target: gpt-4.1}"]


def test_file_named_after_the_vendor(tmp_path: Path) -> None:
    found = catalog({"providers/claude.yaml": "api_key: os.environ/K\nmodels: {claude-opus-4-8: {}}\n"}, tmp_path)
    hints = {one.hint for one in found if one.rule == "unknown-provider"}
    assert hints == {"litellm_provider: anthropic"}


def test_own_providers_are_known(tmp_path: Path) -> None:
    files = {
        "providers/house.yaml": "api_key: none\nmodels: {m: {}}\n",
        "proxy.yaml": "litellm_settings: {custom_provider_map: [{provider: house, custom_handler: own.handler}]}\n",
    }
    assert [one for one in catalog(files, tmp_path) if one.rule == "unknown-provider"] == []


def test_misnamed_folder(tmp_path: Path) -> None:
    files = {"providers/openai.yaml": "models: {gpt-4.1: {}}\n", "provider/groq.yaml": "models: {a: {}}\n"}
    found = [one for one in catalog(files, tmp_path) if one.rule == "unknown-file"]
    assert [(one.file.endswith("provider"), one.hint) for one in found] == [(True, "did you mean `providers/`?")]


def test_name_that_yaml_takes_for_false(tmp_path: Path) -> None:
    found = config("model_list:\n  - model_name: no\n    litellm_params: {model: openai/gpt-5-mini}\n", tmp_path)
    assert [one.hint for one in found if one.rule == "malformed-entry"] == ['model_name: "no"']


def test_variables_of_the_file_come_too_late(tmp_path: Path) -> None:
    text = entry("model: openai/q, api_base: os.environ/BASE, api_key: none")
    found = config(text + "environment_variables: {BASE: http://vllm:8000/v1}\n", tmp_path)
    assert any("comes too late" in one.message for one in found if one.rule == "unset-reference")


def test_a_retired_model_is_named_with_its_successor(tmp_path: Path) -> None:
    text = entry("model: anthropic/claude-3-haiku-20240307, api_key: os.environ/K")
    (found,) = [one for one in config(text, tmp_path) if one.rule == "retired-model"]
    assert "`anthropic/claude-3-haiku-20240307`" in found.message
    assert found.hint is None or found.hint.rpartition("`")[0].rpartition("`")[2] in found.message


def test_a_name_with_a_line_break_stays_on_its_line(tmp_path: Path) -> None:
    text = (
        entry('model: openai/q, "x\\n::error::y": 1') + 'router_settings: {fallbacks: [{a: ["b\\r\\n::error::c"]}]}\n'
    )
    found = config(text, tmp_path)
    assert {"unknown-key", "unknown-model"} <= {one.rule for one in found}
    assert not [line for one in found for line in str(one).splitlines() if line.startswith("::")]


SECRETS = [
    "AKIA" + "ABCDEFGHIJKLMNOP", "xoxb-" + "123456789012-abcdefABCDEF", "gho_" + "a1B2" * 9, "ghp_" + "a1B2" * 9,
    "pk-lf-" + "0123456789abcdef-0123", "rk_live_" + "0123456789abcdefgh", "xai-" + "0123456789abcdefghij",
    "sk-proj-" + "ABCDEFGHIJ0123456789", "gsk_" + "0123456789abcdefghij", "hf_" + "0123456789abcdefghij",
    "AIza" + "SyA0123456789abcdefghijklmnopqrstu", "Bearer " + "abcdef0123456789abcdef",
    "-----BEGIN RSA PRIVATE " + "KEY-----", "postgres://user:" + "passw0rd@db/x",
]  # fmt: skip


@pytest.mark.parametrize("secret", SECRETS, ids=lambda secret: secret[:8])
def test_one_table_for_what_is_found_and_what_is_redacted(secret: str) -> None:
    assert masked_value({"note": secret}) == {"note": "***"}
    assert secret not in mask(f"error: got {secret} and failed", {})
