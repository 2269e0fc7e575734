"""Lines of files as they may be repeated: no secret, under whichever rule they are quoted."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelctl.check.quoting import masked
from support.cli import call

OPAQUE = "Zq83hfGh29dkK21lkjHG73hsnQ=="  # looks like no provider's key
LOOKS = "sk-proj-ABCDEFGHIJKLMNOP1234567890"


@pytest.mark.parametrize("secret", [OPAQUE, LOOKS])
@pytest.mark.parametrize(
    "text",
    [
        "api_key: {}",
        'api_key: "{}"',
        "api_key: &shared {} # ours",
        "- {{model: a, rpm: abc, api_key: {}}}",
        '{{"api_key":"{}", "model": "a"}}',
        "env_defaults: {{OPENAI_API_KEY: {}, X: 1}}",
        "headers: {{authorization: Bearer {}}}",
        "# api_key: {}",
        "api_base: https://one.example/v1?api_key={}",
        "api_key: ${{KEY:-{}}}",
        "api_key:\n  {}",
        'api_key: "a\n  {}"',
        "- api_key:\n    {}",
        "api_key: [\n  {}]",
    ],
)
def test_a_secret_is_masked(text: str, secret: str) -> None:
    assert secret not in (masked(text.format(secret)) or "")


@pytest.mark.parametrize("text", ["api_key: |\n  {}\n", "api_key:\n- {}\n"])
def test_what_no_line_shows_is_withheld_as_a_whole(text: str) -> None:
    assert masked(text.format(OPAQUE)) is None


@pytest.mark.parametrize(
    "text",
    [
        "api_key: os.environ/OPENAI_API_KEY",
        "api_key: none",
        "api_key: *shared\nkey: &shared os.environ/KEY",
        "# api_key: see the page of the vendor",
        "{model: hf-inference/meta-llama, api_key: os.environ/KEY, max_tokens: 12}",
        "api_key: os.environ/KEY\n# why it is there\nmodel: a-name-that-is-rather-long/1",
        "description: |\n  tokens: none of them\n  a key, too\n",
        "api_key: # below\n  os.environ/KEY",
    ],
)
def test_what_is_none_stays(text: str) -> None:
    assert masked(text) == text


CONFIG = f"""\
model_list:
  - {{model_name: a, litellm_params: {{model: openai/gpt-5-mini, rpm: abc, api_key: {LOOKS}}}}}
  - model_name: b
    litellm_params:
      model: azure/gpt
      api_key: "{OPAQUE}"
      api_version: 20240101
general_settings: {{master_key: {LOOKS}, databse_url: "postgresql://u:{OPAQUE}@h/db"}}
environment_variables: {{OPENAI_API_KEY: {OPAQUE}, X: 1, X: 2}}
"""


@pytest.mark.parametrize("more", [(), ("--diff",), ("--format", "json"), ("--format", "github"), ("--format", "sarif")])
def test_check_repeats_no_secret_under_any_rule(tmp_path: Path, more: tuple[str, ...]) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(CONFIG)
    result = call("check", path, *more)
    assert result.code == 1
    assert not [secret for secret in (LOOKS, OPAQUE) if secret in result.out + result.err]


def test_lines_without_a_secret_are_still_quoted(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(CONFIG)
    assert "7 |       api_version: 20240101" in call("check", path).out
    assert '+      api_version: "20240101"' in call("check", path, "--diff").out
