"""What of a callback's environment is missing, by each way to have it."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelctl.configfile.check_file import check_config
from support.rule_cases import TODAY

DATADOG = {"DD_API_KEY": "x", "DD_SITE": "x"}
SENTINEL = {f"AZURE_SENTINEL_{name}": "x" for name in ("DCR_IMMUTABLE_ID", "ENDPOINT", "TENANT_ID", "CLIENT_ID")}


@pytest.mark.parametrize(
    ("callback", "environ", "needs"),
    [
        ("datadog", {}, "LITELLM_DD_AGENT_HOST, or DD_API_KEY and DD_SITE"),
        ("datadog", {"DD_API_KEY": "x"}, "LITELLM_DD_AGENT_HOST, or DD_SITE"),
        ("datadog", DATADOG, None),
        ("datadog", {"LITELLM_DD_AGENT_HOST": "x"}, None),
        ("azure_sentinel", SENTINEL, "AZURE_SENTINEL_CLIENT_SECRET or AZURE_CLIENT_SECRET"),
        ("azure_sentinel", {**SENTINEL, "AZURE_CLIENT_SECRET": "x"}, None),
        ("langfuse", {}, None),  # keys and teams may bring theirs
    ],
)
def test_what_is_left_to_be_set_is_named(
    tmp_path: Path, callback: str, environ: dict[str, str], needs: str | None
) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(f"model_list: []\nlitellm_settings: {{success_callback: [{callback}]}}\n")
    found = [each for each in check_config(file, TODAY, environ)[0] if each.rule == "needed-variable"]
    effect = f"LiteLLM starts, and `{callback}` gets nothing"
    wanted = [f"`{callback}` needs {needs}, not set in this environment: {effect}"] if needs else []
    assert [each.message for each in found] == wanted
