"""What rules say of LiteLLM's lines, tried on the LiteLLM under test (`--line`; the pinned one otherwise)."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from modelctl.check.registry import RULES
from modelctl.litellm_spec import supported_lines
from support.lines import litellm_release, python

pytestmark = pytest.mark.litellm
ROOT = Path(__file__).parents[2]

# Each claim by the release that made it true, tried without a proxy: LiteLLM is imported once for all of them.
TRIES = """
import asyncio, json, logging, os
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
import litellm
from litellm.caching.caching import Cache
logging.disable(logging.CRITICAL)
def router(params=None, top=None, **settings):
    entry = {"model": "openai/one", "api_key": "sk-1", "mock_response": "hello", **(params or {})}
    both = [{"model_name": name, "litellm_params": dict(entry), **(top or {})} for name in ("a", "b")]
    return litellm.Router(model_list=both, ignore_invalid_deployments=True, num_retries=0, **settings)
def refused(work):
    try:
        work()
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return None
async def answered(made, count):
    answers = [refused_call async for refused_call in calls(made, count)]
    return answers.count(None)
async def calls(made, count):
    for _ in range(count):
        try:
            await made.acompletion(model="a", messages=[{"role": "user", "content": "hello"}])
            yield None
        except Exception as error:
            yield error
print(json.dumps({
    "disk": refused(lambda: Cache(type="disk")),
    "string fallback": refused(lambda: router(fallbacks=[{"a": "b"}])),
    "string default": refused(lambda: router(default_fallbacks="b")),
    "negative retries": refused(lambda: router(retry_policy={"TimeoutErrorRetries": -1})),
    "negative fails": refused(lambda: router(allowed_fails_policy={"TimeoutErrorAllowedFails": -1})),
    "negative parallel": refused(lambda: router({"max_parallel_requests": -1})),
    "text parallel": refused(lambda: router({"max_parallel_requests": "many"})),
    "fraction parallel": refused(lambda: router({"max_parallel_requests": 5.0})),
    "negative limit": refused(lambda: router({"default_api_key_rpm_limit": -1})),
    "negative text": refused(lambda: router(retry_policy={"TimeoutErrorRetries": "-1"})),
    "wide retries": refused(lambda: router(retry_policy={"TimeoutErrorRetries": 2**32})),
    "negative group": refused(lambda: router(model_group_retry_policy={"a": {"TimeoutErrorRetries": -1}})),
    "cooldown yes": refused(lambda: router(cooldown_time=True)),
    "wide seed": refused(lambda: router({"extra_body": {"seed": 2**64}})),
    "wide below": refused(lambda: router({"seed": -(2**63) - 1})),
    "list of rpm": refused(lambda: router(top={"rpm": [1]})),
    "yes for tpm": refused(lambda: router(top={"tpm": True})),
    "taken": refused(lambda: router({"seed": 2**64 - 1, "max_parallel_requests": 2**33, "rpm": -1}, timeout=2**64)),
    "endless price": len(router({"input_cost_per_token": float("inf")}).model_list),
    "price of text": len(router({"output_cost_per_token": "nan"}).model_list),
    "over the cap": asyncio.run(answered(router({"rpm": 2}, enable_pre_call_checks=True), 5)),
}))
"""


@pytest.fixture(scope="module")
def tried() -> dict[str, Any]:
    done = subprocess.run([python(), "-c", TRIES], check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def holds(release: str) -> bool:
    return supported_lines.order(litellm_release()) >= supported_lines.order(release)


def of(rule: str) -> bool:
    """Whether a rule speaks on the LiteLLM under test."""
    return holds(str(RULES[rule].since))


def test_the_cache_on_disk_is_gone_since(tried: dict[str, Any]) -> None:
    assert ("Unsupported cache type" in str(tried["disk"])) is of("disk-cache")


@pytest.mark.parametrize("what", ["string fallback", "string default"])
def test_a_text_in_place_of_fallbacks_stops_the_start_since(tried: dict[str, Any], what: str) -> None:
    assert ("must be a list" in str(tried[what])) is holds("1.108.1")


DECLINED = (
    "negative retries", "negative fails", "negative parallel", "text parallel", "fraction parallel", "negative limit",
    "negative text", "wide retries", "negative group", "cooldown yes", "wide seed", "wide below", "list of rpm",
    "yes for tpm",
)  # fmt: skip


@pytest.mark.parametrize("what", DECLINED)
def test_the_rust_router_declines_since(tried: dict[str, Any], what: str) -> None:
    assert (tried[what] is not None) is of("rust-router-declines")


def test_what_the_rust_router_takes(tried: dict[str, Any]) -> None:
    assert tried["taken"] is None


@pytest.mark.parametrize("what", ["endless price", "price of text"])
def test_a_price_that_is_no_number_leaves_the_deployment_out_since(tried: dict[str, Any], what: str) -> None:
    assert tried[what] == (0 if of("rust-router-declines") else 2)


def test_rpm_is_no_cap_since(tried: dict[str, Any]) -> None:
    assert tried["over the cap"] == (5 if of("soft-rpm-cap") else 2)


def test_the_data_says_what_the_litellm_under_test_knows() -> None:
    """The pinned line has nothing beyond itself; another one what the committed file says of it."""
    command = [python(), ROOT / "scripts/extract_litellm_keys.py", "--difference"]
    found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    committed = json.loads((ROOT / "src/modelctl/litellm_spec/litellm_keys_by_line.json").read_text())
    pinned = {"made_from": f"litellm {supported_lines.pinned()}", "sections": {}, "values": {}}
    assert found == committed.get(supported_lines.line_of(litellm_release()), pinned)
