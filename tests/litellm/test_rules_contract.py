"""What the rules say of LiteLLM holds for the LiteLLM that is installed."""

from __future__ import annotations

import copy
import itertools
import os
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from modelctl.catalog.parse import Document
from modelctl.check.entry import Entry
from modelctl.check.found import Spot
from modelctl.check.rules import (
    long_chain,
    missing_package,
    mistyped_value,
    needed_variable,
    refused_setting,
    unknown_provider,
    weak_master_key,
)
from modelctl.check.subject import Subject
from modelctl.configfile.check_file import check_config
from modelctl.litellm_spec import lookup
from modelctl.litellm_spec.known_keys import providers
from modelctl.litellm_spec.price_map import price_map
from support.rule_cases import TODAY
from support.waiting import run_async

pytestmark = pytest.mark.litellm
NOWHERE = Spot(Document("x.yaml", "", None))


@pytest.fixture(scope="module", autouse=True)
def quiet() -> None:
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")  # the map that the rules read
    import litellm

    litellm.suppress_debug_info = True


def resolves(model: str) -> bool:
    """Whether LiteLLM can tell the provider."""
    import litellm

    try:
        return bool(litellm.get_llm_provider(model)[1])
    except litellm.exceptions.BadRequestError:
        return False


def found(model: str) -> bool:
    entry = Entry("a", {"model": model}, {}, lambda path: NOWHERE)
    return bool(list(unknown_provider.entries(Subject("config", TODAY, entries=[entry]))))


NAMES = sorted(name for name in price_map() if "/" not in name and name not in ("fallback_generalizations",))
OTHERS = [
    "claude-3-opus-20240229", "claude-newfamily-9", "gpt-9", "command", "gemini-pro", "my-model", "dall-e-3", "sora-2",
    "gpt-image-9", "zhipu/glm-4", "openai/anything", "embed-english-v3.0", "us.anthropic.claude-x", "bedrock/anything",
    "ft:gpt-4o:acme", "*", "nobody/x", "text-embedding-ada-002",
]  # fmt: skip


def test_a_name_without_prefix_has_the_provider_that_litellm_finds() -> None:
    wrong = [name for name in (*NAMES, *OTHERS) if resolves(name) == found(name)]
    assert [name for name in wrong if resolves(name)] == []  # called an error, though LiteLLM knows it
    assert len(wrong) < 3


def test_a_name_without_prefix_has_litellms_own_provider() -> None:
    """By which wildcards and fallbacks are found."""
    from litellm.litellm_core_utils.get_llm_provider_logic import inferred_provider

    wrong = {name: lookup.inferred_provider(name) for name in (*NAMES, *OTHERS) if "/" not in name}
    wrong = {name: ours for name, ours in wrong.items() if ours != inferred_provider(name)}
    assert wrong == {"ft:o4-mini-2025-04-16": "openai"}


def test_wildcards_and_fallback_keys_are_looked_up_as_litellm_does() -> None:
    from litellm.router_utils.fallback_event_handlers import get_fallback_model_group
    from litellm.router_utils.pattern_match_deployments import PatternMatchRouter

    patterns = ["openai/*", "anthropic/claude-*", "vertex_ai/*-flash", "bedrock/*"]
    router = PatternMatchRouter()
    for pattern in patterns:
        router.add_pattern(pattern, {"litellm_params": {"model": pattern}})
    for name in (*NAMES[::7], *OTHERS, "openai/x", "anthropic/gpt", "vertex_ai/a-flash", "vertex_ai/a-flash-2"):
        served = lookup.by_wildcard(patterns, name)
        assert (served is not None) == bool(router.get_deployments_by_pattern(name)), name
    for key in (
        "gpt-4o",
        "openai/gpt-4o",
        "azure/gpt-4o",
        "x/gpt-4o",
        "claude-haiku-4-5",
        "anthropic/claude-haiku-4-5",
    ):
        for name in ("gpt-4o", "openai/gpt-4o", "azure/gpt-4o", "anthropic/claude-haiku-4-5", "claude-haiku-4-5", "z"):
            theirs = get_fallback_model_group([{key: ["a"]}], name)[0] is not None
            assert (lookup.fallback_key(name, {key}) is not None) == theirs, (key, name)
            assert (key == name or name in lookup.keyed_names(key, {name})) == theirs, (key, name)


@pytest.mark.parametrize(
    ("key", "target", "by_string", "by_name"),
    [
        ("openai/gpt-4o", "openai/gpt-4o-mini", True, False),
        ("gpt-4o", "openai/gpt-4o-mini", True, False),
        ("openai/gpt-4o", "spare", False, False),  # in such a request LiteLLM finds model strings alone
        ("main", "spare", False, True),
        ("main", "openai/gpt-4o-mini", False, True),
        ("azure/gpt-4o", "openai/gpt-4o-mini", False, False),
    ],
)
def test_fallbacks_of_a_model_string(key: str, target: str, by_string: bool, by_name: bool, tmp_path: Path) -> None:
    """They are used where a client asks for that string (the proxy then says `specific_deployment`), and check says
    so."""
    import litellm
    from litellm import Router

    def params(model: str, answer: str) -> dict[str, Any]:
        return {"model": model, "api_key": "x", "mock_response": answer}

    models = {
        "main": params("openai/gpt-4o", "litellm.InternalServerError"),
        "spare": params("openai/gpt-4o-mini", "s"),
    }
    config = {
        "model_list": [{"model_name": name, "litellm_params": each} for name, each in models.items()],
        "router_settings": {"fallbacks": [{key: [target]}]},
    }

    def answered(model: str, **more: Any) -> bool:
        router = Router(config["model_list"], fallbacks=[{key: [target]}], num_retries=0, disable_cooldowns=True)
        try:
            asked = router.acompletion(model, [{"role": "user", "content": "hello"}], **more)
            run_async(asked)
        except (litellm.InternalServerError, ValueError):  # of the mock; of a Router that has no such model
            return False
        return True

    assert answered("openai/gpt-4o", specific_deployment=True) is by_string
    assert answered("main") is by_name
    path = tmp_path / "x.yaml"
    path.write_text(yaml.safe_dump(config))
    said = [each.message for each in check_config(path, TODAY)[0] if each.rule == "idle-fallback"]
    of_string, never = "for the model string", "are never used"
    expected = [] if key == "main" else [never if key == "azure/gpt-4o" else of_string]
    assert [next(words for words in (of_string, never) if words in text) for text in said] == expected


def test_providers_are_litellms() -> None:
    import litellm

    assert {str(getattr(each, "value", each)) for each in litellm.provider_list} <= providers()


SAMPLES: tuple[Any, ...] = (
    -1, 0, 1, 1.5, 5.0, 10**12, 1e308, True, False, "5", "-1", "1.5", "1e3", "abc", "yes", "2026-11-27", "free",
    [], ["a"], [1], [{"a": 1}], {}, {"a": 1}, {"a": "b"}, date(2026, 11, 27),
)  # fmt: skip
# LiteLLM reads further into these: what is in a list, how large a number, which text.
FURTHER = {
    "litellm_params": {
        "aws_session_tags", "configurable_clientside_auth_params", "organization", "provider_affinity_header",
        "timeout",
    },
    "model_info": {"access_windows", "cost_per_ptu_per_hour", "ptu_count"},
}  # fmt: skip


@pytest.mark.parametrize("side", FURTHER)
def test_every_field_of_an_entry_takes_what_litellm_takes(side: str) -> None:
    from litellm.types.router import Deployment, LiteLLM_Params, ModelInfo

    model = {"litellm_params": LiteLLM_Params, "model_info": ModelInfo}[side]
    fields = sorted(model.model_fields.keys() - FURTHER[side] - {"model", "model_info"})
    assert len(fields) > 20
    wrong = []
    for name, value in itertools.product(fields, SAMPLES):
        sides = {"litellm_params": {"model": "openai/x"}, "model_info": {}}
        sides[side] = {**sides[side], name: value}
        try:
            Deployment(model_name="a", **copy.deepcopy(sides))
        except Exception:
            dropped = True
        else:
            dropped = False
        ours = Entry("a", sides["litellm_params"], sides["model_info"], lambda path: NOWHERE)
        found = mistyped_value.entries(Subject("config", TODAY, entries=[ours]))
        if dropped != any("drops" in each.message for each in found):
            wrong.append((name, value, dropped))
    assert wrong == []


AT_START: tuple[tuple[str, Any], ...] = (
    ("alerting_config", 5), ("background_health_check_model_groups", 5), ("default_litellm_params", "abc"),
    ("model_group_affinity_config", "abc"), ("optional_pre_call_checks", 5), ("plugins", 5), ("routing_groups", "abc"),
    ("routing_groups", 5), ("routing_strategy", 5), ("retry_policy", {"TimeoutErrorRetries": "many"}),
    ("retry_policy", {"TimeoutErrorRetries": 1.5}), ("allowed_fails_policy", {"TimeoutErrorAllowedFails": "many"}),
    ("plugins", "abc"), ("retry_policy", {"TimeoutErrorRetries": "5"}), ("optional_pre_call_checks", []),
)  # fmt: skip


@pytest.mark.parametrize(("key", "value"), AT_START)
def test_settings_that_the_router_reads_at_its_start(key: str, value: Any) -> None:
    import litellm

    try:
        litellm.Router(model_list=[], **{key: value})
    except Exception:
        starts = False
    else:
        starts = True
    sections = {"router_settings": {key: value}}
    found = refused_setting.whole(Subject("config", TODAY, sections=sections, section_spot=lambda path: NOWHERE))
    assert starts is not any("does not start" in each.message for each in found)


@pytest.mark.parametrize(
    ("params", "dropped"),
    [
        ({"rpm": "abc"}, True), ({"rpm": "100"}, False), ({"rpm": 1.5}, True), ({"rpm": 5.0}, False),
        ({"api_version": 20240101}, True), ({"api_key": 123}, True), ({"vertex_project": 12}, True),
        ({"tags": "one"}, True), ({"input_cost_per_token": "1e-07"}, False), ({"use_in_pass_through": "yes"}, False),
        ({"use_in_pass_through": "maybe"}, True), ({"max_retries": None}, False), ({"weight": "x"}, False),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_dropped(params: dict[str, object], dropped: bool) -> None:
    import litellm

    full = {"model": "openai/x", **params}
    entry = {"model_name": "a", "litellm_params": full}
    router = litellm.Router(model_list=[entry], ignore_invalid_deployments=True)
    ours = Entry("a", full, {}, lambda path: NOWHERE)
    said = [each for each in mistyped_value.entries(Subject("config", TODAY, entries=[ours])) if each.severity is None]
    assert (not router.model_list, bool(said)) == (dropped, dropped)


def test_chains_end_where_litellm_says() -> None:
    from litellm.constants import ROUTER_MAX_FALLBACKS

    assert long_chain.MAX_HOPS == ROUTER_MAX_FALLBACKS


def test_weak_keys_are_litellms() -> None:
    from litellm.proxy.auth.master_key_boot_check import PUBLICLY_KNOWN_MASTER_KEY_SHA256_DIGESTS

    assert weak_master_key.KNOWN == PUBLICLY_KNOWN_MASTER_KEY_SHA256_DIGESTS


def built(name: str, caplog: pytest.LogCaptureFixture) -> tuple[Any, str]:
    """What LiteLLM makes of a callback's name at its start, and what it says in its log."""
    from litellm._logging import verbose_logger
    from litellm.caching.caching import DualCache
    from litellm.litellm_core_utils.litellm_logging import _init_custom_logger_compatible_class

    caplog.clear()
    verbose_logger.addHandler(caplog.handler)
    try:
        made = _init_custom_logger_compatible_class(name, internal_usage_cache=DualCache(), llm_router=None)  # type: ignore[arg-type]
    finally:
        verbose_logger.removeHandler(caplog.handler)
    return made, caplog.text


def forget_callbacks(monkeypatch: pytest.MonkeyPatch) -> None:
    """LiteLLM keeps those that it has made, and gives them out again."""
    from litellm.litellm_core_utils import litellm_logging

    monkeypatch.setattr(litellm_logging, "_in_memory_loggers", [])


@pytest.mark.parametrize("name", needed_variable.QUIET)
def test_callbacks_that_get_nothing_without_a_variable(
    name: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [variable for way in needed_variable.QUIET[name] for each in way for variable in each.split("|")]
    for variable in names:
        monkeypatch.delenv(variable, raising=False)
    made, said = built(name, caplog)
    assert made is None
    assert any(variable in said for variable in names)


# Each needs what it is said to need, and nothing else.
@pytest.mark.parametrize("name", ["azure_sentinel", "datadog", "datadog_llm_observability"])
@pytest.mark.parametrize("which", [0, -1])
def test_callbacks_that_have_what_they_need_by_any_way(
    name: str, which: int, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    forget_callbacks(monkeypatch)
    way = [each.split("|")[which] for each in needed_variable.QUIET[name][which]]
    for variable in way:
        monkeypatch.setenv(variable, "x")

    async def made(lacking: str | None = None) -> bool:
        if lacking:
            monkeypatch.delenv(lacking)
        return built(name, caplog)[0] is not None

    assert run_async(made())
    forget_callbacks(monkeypatch)
    assert not run_async(made(way[-1]))


@pytest.mark.parametrize("name", missing_package.QUIET)
def test_callbacks_that_get_nothing_without_a_package(
    name: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, missing_package.QUIET[name].module, None)
    made, said = built(name, caplog)
    assert made is None
    assert missing_package.QUIET[name].module.partition(".")[0] in said


def test_prometheus_needs_its_package_for_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    from litellm.proxy.common_utils.callback_utils import initialize_callbacks_on_proxy

    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    monkeypatch.delitem(sys.modules, "litellm.integrations.prometheus", raising=False)
    with pytest.raises(ImportError, match="prometheus_client"):
        initialize_callbacks_on_proxy(
            ["prometheus"], premium_user=False, config_file_path="x.yaml", litellm_settings={}
        )
