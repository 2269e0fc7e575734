"""Whatever a file holds, check ends with problems as values (more of it: `make fuzz`)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from modelctl.configfile.check_file import check_config
from modelctl.litellm_spec.known_keys import known_keys
from modelctl.pipeline import Builder
from support.count_calls import counted
from support.effort import examples
from support.fuzz import LIMIT, failures
from support.rule_cases import ENVIRON, TODAY

SECTIONS = ("model_list", "litellm_settings", "router_settings", "general_settings", "environment_variables", "include")
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.dates()
NAMES = st.sampled_from(
    [
        "gpt", "openai/gpt-5-mini", "azure/x", "ollama/llama3", "*", "openai/*", "os.environ/X", "${X}", "1e-07",
        "sk-1234", "http://h:1/", "claude-3-opus-20240229", "least-busy", "",
    ]
)  # fmt: skip
KEYS = {
    "entry": ["model_name", "litellm_params", "model_info", "tags"],
    "all": sorted(
        {
            *(
                "model",
                "api_base",
                "api_key",
                "rpm",
                "organization",
                "tags",
                "input_cost_per_token",
                "base_model",
                "id",
            ),
            *("mode", "master_key", "model_group_alias", "fallbacks", "context_window_fallbacks", "default_fallbacks"),
            *("max_fallbacks", "custom_provider_map", "cache_params", "drop_params", "routing_strategy", "hidden"),
        }
    ),
}
VALUES = st.recursive(
    SCALARS | NAMES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS["all"]) | NAMES | SCALARS, inner, max_size=4)
    ),
    max_leaves=12,
)
ENTRIES = st.lists(st.dictionaries(st.sampled_from(KEYS["entry"]), VALUES, max_size=4) | VALUES, max_size=4)
CONFIGS = st.dictionaries(st.sampled_from(SECTIONS), VALUES, max_size=4).flatmap(
    lambda config: st.just(config) | ENTRIES.map(lambda entries: {**config, "model_list": entries})
)


@settings(max_examples=examples(150), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(CONFIGS)
def test_any_values_under_known_keys(tmp_path: Path, config: dict[str, object]) -> None:
    path = tmp_path / "litellm_config.yaml"
    path.write_text(yaml.safe_dump(config, allow_unicode=True), encoding="utf-8", errors="surrogateescape")
    (problems, _), calls = counted(lambda: check_config(path, TODAY, ENVIRON))
    assert all(problem.rule and problem.message for problem in problems)
    assert calls < LIMIT


@settings(max_examples=examples(100), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(["providers/openai", "proxy", "routes", "presets"]), VALUES, max_size=4))
def test_any_values_in_a_catalog(tmp_path: Path, files: dict[str, object]) -> None:
    for name in ("providers/openai", "proxy", "routes", "presets"):
        path = tmp_path / f"{name}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(yaml.safe_dump(files.get(name, {}), allow_unicode=True), encoding="utf-8")
    assert all(problem.message for problem in Builder(tmp_path, TODAY, environ=ENVIRON).build().problems)


ODD = (["one", "two"], {"a": "b"}, [{"a": ["b"]}], 7, 1.5, True, None, TODAY)


@pytest.mark.parametrize("odd", ODD, ids=str)
def test_each_known_key_with_a_value_of_another_kind(tmp_path: Path, odd: object) -> None:
    """Beside what is as it should be, since a rule looks further only there."""
    params = {"model": "openai/gpt-5-mini", "litellm_credential_name": "team"}
    credential = {"credential_name": "team", "credential_values": {"api_base": "https://models.example.com/v1"}}
    entries = [
        {
            "model_name": f"{part}-{key}",
            "litellm_params": params,
            **{part: {**(params if part == "litellm_params" else {}), key: odd}},
        }
        for part in ("litellm_params", "model_info")
        for key in sorted(known_keys(part))
    ]
    sections = ("litellm_settings", "router_settings", "general_settings")
    config = {
        "model_list": entries,
        "credential_list": [credential, *({**credential, key: odd} for key in credential)],
        **{section: dict.fromkeys(sorted(known_keys(section)), odd) for section in sections},
    }
    path = tmp_path / "litellm_config.yaml"
    path.write_text(yaml.safe_dump(config), encoding="utf-8")
    assert "refused-setting" in {problem.rule for problem in check_config(path, TODAY, ENVIRON)[0]}


def test_mutated_examples() -> None:
    assert [f"seed {one.seed}: {one.what}" for one in failures(300)] == []


BOMB = b"a: &a [x, x]\n" + b"".join(
    b"%c: &%c [%s]\n" % (98 + n, 98 + n, b", ".join([b"*%c" % (97 + n)] * 9)) for n in range(20)
)
MEASURED = """
import resource, sys
from modelctl.cli import main
from support.count_calls import counted
resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
def code(arguments):
    try:
        main(arguments)
    except SystemExit as ended:
        return ended.code
code(["check", sys.argv[2]])
code, calls = counted(lambda: code(["check", sys.argv[1]]))
peak = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM")) // 1024
print(code, calls, peak, file=sys.stderr)
"""


@pytest.mark.parametrize(
    ("raw", "rule"),
    [
        (BOMB, "too-many-aliases"),
        (b"model_list:\n" + b"- {model_name: a, litellm_params: {model: openai/a}}\n" * 1_000_000, "file-too-large"),
        (b"a: " + b"[" * 50_000, "nested-too-deep"),
    ],
    ids=["aliases", "50-MB", "brackets"],
)
@pytest.mark.parametrize("kind", ["config", "catalog"])
def test_hostile_file_costs_little(tmp_path: Path, raw: bytes, rule: str, kind: str) -> None:
    path = tmp_path / ("litellm_config.yaml" if kind == "config" else "catalog/providers/openai.yaml")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(raw)
    target = path if kind == "config" else tmp_path / "catalog"
    harmless = tmp_path / "harmless.yaml"
    harmless.write_text("model_list: []\n")
    env = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache"), "PYTHONPATH": str(Path(__file__).parents[1])}
    command = [sys.executable, "-c", MEASURED, target, harmless]
    done = subprocess.run(command, capture_output=True, text=True, env=env)
    code, calls, megabytes = done.stderr.split()
    assert code == "1"
    assert rule in done.stdout
    assert int(calls) < LIMIT
    assert int(megabytes) < 300
