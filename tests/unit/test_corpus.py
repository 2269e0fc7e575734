"""Every known mistake of real configs is found, and none is called an error that LiteLLM serves as it was meant.

The configs lie outside the project, in the folder that MODELCTL_CORPUS names (see conftest.py).
"""

from __future__ import annotations

import csv
import os
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from modelctl.configfile.check_file import check_config
from modelctl.errors import Problem

CORPUS = Path(os.environ["MODELCTL_CORPUS"])
TODAY = date(2026, 11, 22)
FILES = sorted(path.name for path in (CORPUS / "configs").iterdir())

RULES: Mapping[str, tuple[str, ...]] = {
    "alias-target-not-string": ("malformed-alias",),
    "api_base-trailing-slash": ("api-base-slash",),
    "azure-deployment-without-base_model": ("missing-base-model",),
    "base_model-unknown": ("unknown-base-model",),
    "deprecated": ("retired-model",),
    "deprecates-within-90d": ("retiring-model",),
    "dup-yaml-key": ("duplicate-key",),
    "fallback-item-multi-key": ("malformed-fallback",),
    "fallback-item-not-mapping (startup crash)": ("malformed-fallback",),
    "fallback-source-missing": ("idle-fallback", "malformed-fallback"),
    "fallback-source-twice": ("other-fallbacks", "malformed-fallback"),
    "fallback-target-missing": ("unknown-model", "malformed-fallback"),
    "fallback-targets-is-string": ("malformed-fallback",),
    "fallback-targets-not-list": ("malformed-fallback",),
    "fallbacks-in-dead-section": ("misplaced-key",),
    "info:no-master_key-in-file": ("no-master-key",),
    "info:ollama-not-ollama_chat": ("ollama-chat",),
    "info:routing_strategy-but-no-load-balanced-group": ("idle-routing-strategy",),
    "invalid-yaml": ("yaml-syntax",),
    "master_key-sk-1234": ("weak-master-key",),
    "model-not-in-cost-map": ("unknown-upstream-model", "retired-model", "missing-base-model"),
    "model-removed-from-cost-map": ("retired-model", "unknown-provider", "unknown-upstream-model"),
    "model_info-custom": ("unknown-key", "misplaced-key"),
    "model_info-key-in-litellm_params": ("misplaced-key",),
    "model_list-empty": ("empty-model-list",),
    "model_name-whitespace": ("name-with-spaces",),
    "obsolete-litellm_settings-key": ("obsolete-key",),
    "ollama-no-api_base": ("missing-api-base",),
    "openai-compat-api_base-without-/v1": ("api-base-without-v1",),
    "provider-not-determinable": ("unknown-provider",),
    "secret:literal-weak": ("literal-secret", "weak-master-key"),
    "secret:placeholder": ("literal-secret", "weak-master-key"),
    "secret:url-password": ("literal-secret",),
    "set_verbose:true": ("verbose-logging", "misplaced-key"),
    "shell-style-env-ref": ("bad-reference",),
    "unknown-entry-key": ("unknown-key", "misplaced-key"),
    "unknown-general_settings-key": ("unknown-key", "misplaced-key", "obsolete-key"),
    "unknown-litellm_param": ("unknown-key", "misplaced-key"),
    "unknown-litellm_settings-key": ("unknown-key", "misplaced-key", "obsolete-key"),
    "unknown-router_settings-key": ("unknown-key", "misplaced-key", "obsolete-key"),
    "unknown-top-key": ("unknown-key", "misplaced-key"),
}
NOT_AS_LISTED: Mapping[tuple[str, str], str] = {
    ("fallback-source-missing", "m066__brysonryoung1-cyber__ai-ops-runner.yaml"): "found with the provider's prefix",
    ("info:ollama-not-ollama_chat", "m011__AlbanAndrieu__thiga-ai.yaml"): "all of them are for embeddings",
    ("info:ollama-not-ollama_chat", "m031__m00nwtchr__homelab-cluster.yaml"): "embeddings, and `mode: completion`",
    ("model-not-in-cost-map", "m041__digithings-ai__digithings.yaml"): "the map lists none of OpenRouter's models",
    ("model-not-in-cost-map", "x059__swapnildahiphale__OpenSRE.yaml"): "the map lists few of NVIDIA's models",
    ("model_info-key-in-litellm_params", "m024__christian-posta__scripted-solo-demos.yaml"): "Bedrock reads `model_id`",
    ("model_list-empty", "m038__PaplyAI__paply-gateway.yaml"): "`store_model_in_db` is on",
    ("openai-compat-api_base-without-/v1", "x016__AjayaDahal__ajayadesign_llm_gateway.yaml"): "it serves at the root",
    ("secret:placeholder", "m020__corsandre__ai-agent-raspberry-pi5.yaml"): "empty values are no secrets",
    ("secret:placeholder", "m033__98kuwa036__Bushidan-Multi-Agent.yaml"): "`none` is for servers without keys",
    ("secret:placeholder", "m050__AarhusAI__aarhusai-docker.yaml"): "empty values are no secrets",
    ("secret:placeholder", "x078__CryptoPunk__locallm-compose.yaml"): "`none` is for servers without keys",
}
"""Where the table disagrees with what LiteLLM does, LiteLLM is right."""

NO_MISTAKE: Mapping[str, str] = {
    "top-anchor-holder": "a top-level key `x-...` is how anchors are held, here as in compose files",
}
BY_NAME = tuple(
    kind for kind in RULES if kind.startswith(("unknown-", "obsolete-", "model_info-", "alias-", "provider-"))
)


class EverythingSet(dict[str, str]):
    """What is set on the machine that runs the tests says nothing about the authors of these files."""

    def __bool__(self) -> bool:
        return True

    def get(self, key: str, default: object = None) -> str:  # type: ignore[override]
        return "set"


@cache
def problems(name: str) -> list[Problem]:
    return check_config(CORPUS / "configs" / name, TODAY, EverythingSet())[0]


def findings() -> list[tuple[str, str, str]]:
    with open(CORPUS / "findings.tsv", encoding="utf-8", newline="") as file:
        return [(row["finding"], row["file"], row["detail"] or "") for row in csv.DictReader(file, delimiter="\t")]


@pytest.mark.parametrize("kind", sorted({finding for finding, _, _ in findings()} - NO_MISTAKE.keys()))
def test_every_known_mistake_is_found(kind: str) -> None:
    missed = [
        f"{file}: {detail}"
        for finding, file, detail in findings()
        if finding == kind and (kind, file) not in NOT_AS_LISTED and not found(kind, file, detail)
    ]
    assert missed == []


def found(kind: str, file: str, detail: str) -> bool:
    messages = [one.message for one in problems(file) if one.rule in RULES[kind]]
    word = detail.partition(" ")[0].partition(":")[0] if kind in BY_NAME else ""
    return any(f"`{word}`" in message for message in messages) if word and kind not in _NAMELESS else bool(messages)


_NAMELESS = ("provider-not-determinable",)


@pytest.mark.parametrize("name", FILES)
def test_an_error_is_in_the_table(name: str) -> None:
    """What LiteLLM loads and serves as its author meant has no error."""
    known = {rule for kind, file, _ in findings() if file == name for rule in RULES.get(kind, ())}
    wrong = [
        str(one) for one in problems(name) if one.severity == "error" and one.rule not in known | {"unreadable-file"}
    ]
    assert wrong == []


def test_the_table_is_covered() -> None:
    assert {kind for kind, _, _ in findings()} <= RULES.keys() | NO_MISTAKE.keys()
