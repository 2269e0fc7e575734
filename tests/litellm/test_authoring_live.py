"""Custom models and comparisons with a real LiteLLM: tried before they are saved, served after, gone when removed."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.catalog_files import provider_on, write_catalog
from support.litellm_stack import Stack
from support.models import MODELS, SETTINGS, key_of, variables
from support.proxy import MASTER_KEY
from support.serve_process import ControlPlane
from support.waiting import wait_until

FACTS = {"mode": "chat", "context_window": 8000, "supports_tools": True}


@pytest.fixture
def plane(stack: Stack, tmp_path: Path) -> Iterator[ControlPlane]:
    """A control plane over a catalog in git, before the session's two workers."""
    priced = {**FACTS, "price": {"input": 1, "output": 2}}
    world = provider_on("os.environ/UPSTREAM_BASE", dict.fromkeys(MODELS, priced))
    catalog = write_catalog(tmp_path, {"world": world}, {"active": {"target": "alpha"}}, proxy=SETTINGS_OF_A_CATALOG)
    for words in (("init", "-q"), ("add", "catalog"), (*WHO, "commit", "-qm", "start")):
        subprocess.run(["git", *words], cwd=tmp_path, check=True)
    env = {
        **variables(stack.upstream.url, stack.aimock.url),
        "MODELCTL_PROXY": stack.proxy.url,
        "LITELLM_MASTER_KEY": MASTER_KEY,
    }
    made = ControlPlane(tmp_path, catalog, stack.state, env).start()
    made.http.timeout = 120.0
    wait_until(lambda: made.http.get("/readyz").status_code == 200, "the workers run the catalog", 20)
    yield made
    made.stop()


WHO = ("-c", "user.name=t", "-c", "user.email=t@example.com")
SETTINGS_OF_A_CATALOG = {
    name: {key: value for key, value in section.items() if key != "callbacks"} for name, section in SETTINGS.items()
}


def draft(stack: Stack, **model: Any) -> dict[str, Any]:
    """`tuned`, on a server of its own that speaks as OpenAI does."""
    lab = {
        "litellm_provider": "custom_openai",
        "api_base": stack.upstream.base("lab"),
        "api_key": "os.environ/KEY_SPARE",
    }
    return {"provider": "lab", "id": "tuned", "model": {**FACTS, "model": "org/tuned", **model}, "new_provider": lab}


def test_a_custom_model_from_the_form_to_an_answer(stack: Stack, plane: ControlPlane, tmp_path: Path) -> None:
    refused = plane.http.post("/models/custom/test", json=draft(stack))
    assert (refused.status_code, "save the model" in refused.json()["error"]["hint"]) == (409, True)
    assert stack.upstream.requests("org/tuned") == []
    assert stack.client.chat("tuned").status == 400, "the proxy knows nothing of it"
    assert not (tmp_path / "catalog/providers/lab").exists()

    saved = plane.http.post("/models/custom", json=draft(stack))
    said = saved.json()
    assert (saved.status_code, said["result"]) == (201, "published")
    assert [one["acked"] for one in said["workers"]] == [True, True]
    tried = plane.http.post("/models/custom/test", json={**draft(stack), "new_provider": None}).json()
    assert (tried["ok"], tried["error"]) == (True, None)
    (asked,) = stack.upstream.requests("org/tuned")
    assert (asked["path"], asked["body"]["max_tokens"]) == ("/lab/v1/chat/completions", 1)
    assert asked["headers"]["authorization"] == f"Bearer {key_of('spare')}"
    for client in stack.clients:
        assert key_of("spare") in client.chat("tuned").text
    subprocess.run(["git", "stash", "-qu"], cwd=tmp_path, check=True)
    subprocess.run(["git", "apply"], cwd=tmp_path, check=True, input=said["diff"], text=True)
    assert (tmp_path / "catalog/providers/lab/tuned.yaml").read_text() == said["text"]

    gone = plane.http.delete("/models/custom/lab/tuned", headers={"If-Match": f'"{said["digest"]}"'}).json()
    assert gone["result"] == "published"
    assert {client.chat("tuned").status for client in stack.clients} == {400}


def test_a_test_request_that_fails_says_why(stack: Stack, plane: ControlPlane) -> None:
    stack.upstream.behave("org/tuned", status=401)
    assert plane.http.post("/models/custom", json=draft(stack)).status_code == 201
    tried = plane.http.post("/models/custom/test", json={**draft(stack), "new_provider": None}).json()
    assert (tried["ok"], tried["error"].startswith("the provider refuses the key")) == (False, True)
    assert key_of("spare") not in json.dumps(tried)
    lacking = {**draft(stack, api_key="os.environ/NOT_HERE"), "new_provider": None}
    unset = plane.http.post("/models/custom/test", json=lacking).json()
    assert (unset["ok"], unset["error"]) == (False, "NOT_HERE is not set where the control plane runs")


def test_a_comparison_with_a_failing_and_a_slow_model(stack: Stack, plane: ControlPlane) -> None:
    stack.upstream.behave("alpha", status=429)
    stack.upstream.behave("beta", delay=1.0)
    before = plane.current()
    body = {"models": ["alpha", "beta", "gamma"], "prompt": "hello", "params": {"max_tokens": 9}}
    with plane.http.stream("POST", "/compare", json=body) as answer:
        lines = [json.loads(line) for line in answer.iter_lines() if line]
    ends = {line["model"]: line for line in lines if line["event"] in ("done", "error")}
    assert ends["alpha"]["message"].startswith("the provider says: too many requests")
    assert ends["beta"]["ttft_ms"] >= 1000 > ends["gamma"]["total_ms"]
    assert ends["gamma"]["tokens"] == {"input": 5, "output": 7}
    assert ends["gamma"]["cost"] == {"usd": pytest.approx(19e-6), "source": "litellm"}
    assert ends["gamma"]["answered"] == "openai/gamma"
    words = "".join(line["text"] for line in lines if line["event"] == "delta" and line["model"] == "gamma")
    assert "model=gamma" in words
    assert "disable_fallbacks" not in stack.upstream.requests("gamma")[0]["body"]
    assert plane.current() == before
