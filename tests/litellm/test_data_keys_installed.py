"""What the package says LiteLLM's config file may hold, against the LiteLLM that is installed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from modelctl.litellm_spec import known_keys

ROOT = Path(__file__).parents[2]
COMMITTED = json.loads((ROOT / "src/modelctl/litellm_spec/litellm_keys.json").read_text())
# Runs with LiteLLM imported: what its own objects say, in one process because the import takes many seconds.
LIVE = """
import json, litellm
from litellm._redis import _get_redis_kwargs
from litellm.constants import ROUTER_SETTINGS_MANAGED_OUTSIDE_CONFIG as outside
from litellm.litellm_core_utils.custom_logger_registry import CustomLoggerRegistry
from litellm.proxy._types import ConfigGeneralSettings
from litellm.router_utils.routing_groups import VALID_ROUTING_STRATEGIES
from litellm.types.router import LiteLLM_Params, ModelInfo
from litellm.types.utils import is_litellm_owned_kwarg
print(json.dumps({
    "router_settings": sorted(set(litellm.Router.get_valid_args()) - set(outside)),
    "litellm_params": sorted({*LiteLLM_Params.model_fields, *litellm.OPENAI_CHAT_COMPLETION_PARAMS}),
    "model_info": sorted(ModelInfo.model_fields),
    "general_settings": sorted(ConfigGeneralSettings.model_fields),
    "cache_params": sorted(_get_redis_kwargs()),
    "litellm_settings": sorted(
        name for name, value in vars(litellm).items()
        if isinstance(value, bool) and not name.startswith("_") and name.islower()
    ),
    "providers": sorted(str(getattr(each, "value", each)) for each in litellm.provider_list),
    "routing_strategy": sorted(VALID_ROUTING_STRATEGIES),
    "callbacks": sorted({
        *litellm._known_custom_logger_compatible_callbacks, *CustomLoggerRegistry.CALLBACK_CLASS_STR_TO_CLASS_TYPE
    }),
}))
"""
# The lines that LiteLLM runs under `if TYPE_CHECKING`, and no setting of its own.
NOT_A_SETTING = {"request_timeout_explicitly_set"}


@pytest.fixture(scope="module")
def living() -> dict[str, list[str]]:
    environment = os.environ | {"LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    done = subprocess.run([sys.executable, "-c", LIVE], check=True, capture_output=True, text=True, env=environment)
    found: dict[str, list[str]] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.litellm
def test_the_committed_file_is_what_the_script_makes_of_the_installed_litellm() -> None:
    command = [sys.executable, str(ROOT / "scripts/extract_litellm_keys.py"), "--stdout"]
    made = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    again = "another LiteLLM is installed: run scripts/extract_litellm_keys.py and look at what changed"
    assert _flat(made) == _flat(COMMITTED), again


def _flat(content: dict[str, Any]) -> dict[str, Any]:
    """Section and key in one, so that a failing comparison names the keys."""
    sections = content["sections"].items()
    flat = {f"{section}.{key}": kind for section, keys in sections for key, kind in keys.items()}
    return flat | {key: value for key, value in content.items() if key != "sections"}


def test_the_router_takes_exactly_these_settings(living: dict[str, list[str]]) -> None:
    assert known_keys.known_keys("router_settings") == set(living["router_settings"])


@pytest.mark.parametrize(
    "section", ["litellm_params", "model_info", "general_settings", "cache_params", "litellm_settings"]
)
def test_no_key_that_litellm_itself_declares_is_unknown(section: str, living: dict[str, list[str]]) -> None:
    assert set(living[section]) - known_keys.known_keys(section) - NOT_A_SETTING == set()


@pytest.mark.parametrize("name", ["providers", "routing_strategy", "callbacks"])
def test_no_value_that_litellm_itself_declares_is_unknown(name: str, living: dict[str, list[str]]) -> None:
    assert set(living[name]) - known_keys.values(name) == set()


@pytest.mark.litellm
def test_what_litellm_takes_at_its_start() -> None:
    """Each setting of the committed file once more, on LiteLLM's own loader."""
    command = [sys.executable, str(ROOT / "scripts/start_kinds.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert (done.returncode, done.stderr) == (0, "")
