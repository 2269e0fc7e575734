"""`modelctl check` as a whole process, against the imports that it cannot do without."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from bench.measure import Result, Setting, run_cpu, spread
from modelctl import shipped

WHAT = 'CPU time of `modelctl check`, whole process, against `python -c "import typer, pydantic, yaml"`'

CONFIG = """\
model_list:
  - model_name: fast
    litellm_params: {model: openai/gpt-6-luna, api_key: os.environ/OPENAI_API_KEY}
  - model_name: careful
    litellm_params: {model: anthropic/claude-haiku-4-5, api_key: os.environ/ANTHROPIC_API_KEY}
router_settings:
  fallbacks: [{fast: [careful]}]
general_settings: {master_key: os.environ/LITELLM_MASTER_KEY}
"""
ENTRY = """\
- model_name: m-{0}
  litellm_params:
    model: openai/gpt-6-luna
    api_base: http://host-{0}/v1
    api_key: os.environ/OPENAI_API_KEY
  model_info: {{mode: chat, max_input_tokens: 128000}}
"""
SETTINGS = "general_settings: {master_key: os.environ/LITELLM_MASTER_KEY}\n"


def check(setting: Setting) -> Iterator[Result]:
    """Taken in turns, so that a busy moment meets both."""
    program = Path(sys.executable).with_name("modelctl")
    floor = [sys.executable, "-c", "import typer, pydantic, yaml"]
    count = setting.count(30, 7)
    config = setting.folder / "litellm_config.yaml"
    config.write_text(CONFIG)
    large = setting.folder / "large_config.yaml"
    large.write_text(f"model_list:\n{''.join(ENTRY.format(number) for number in range(1000))}{SETTINGS}")
    catalog = shipped.catalog()
    for case, path in (
        ("the shipped catalog", catalog),
        ("its render", catalog.parent / config.name),
        ("a plain config", config),
        ("a plain config of 1,000 entries", large),
    ):
        ours = [str(program), "check", str(path)]
        pairs = [(run_cpu(ours), run_cpu(floor)) for _ in range(count + 1)][1:]
        ratios = [mine / bare for mine, bare in pairs]
        details = {"check_s": spread([mine for mine, _ in pairs]), "imports_s": spread([bare for _, bare in pairs])}
        yield Result(WHAT, case, median(ratios), "x", count, 1.5, beside="LiteLLM boot: 8 to 35 s", details=details)
