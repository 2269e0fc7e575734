"""Each configuration that `modelctl client` prints, asked the way its program asks: the shipped demo model answers."""

from __future__ import annotations

import json
import re
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from test_clients_ask import LANGCHAIN, NODE, PROGRAM, bare, in_shell

from modelctl.api.demo_endpoint import ANSWER, WORDS
from modelctl.client_configs import CLIENTS
from support.api_server import Plane, report
from support.demo import answered_by, demo_plane
from support.litellm_stack import Stack
from support.node import node_folder
from support.proxy import MASTER_KEY
from support.serve_process import modelctl

KEY = "LITELLM_MASTER_KEY"
PAGE = Path(__file__).parents[2] / "docs" / "clients.md"
TOOL = {"name": "shell", "description": "Runs a command.", "parameters": {"type": "object", "properties": {}}}
LITELLM = """\
import json, sys
import litellm
model, base = sys.argv[1:]
asked = dict(model=model, api_base=base, messages=[{"role": "user", "content": "hello"}], temperature=0)
plain = litellm.completion(**asked).choices[0].message.content
pieces = [chunk.choices[0].delta.content or "" for chunk in litellm.completion(**asked, stream=True)]
print(json.dumps({"plain": plain, "streamed": "".join(pieces), "pieces": len(pieces)}))
"""


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    made = demo_plane(tmp_path_factory.mktemp("demo"))
    desired = answered_by(made)
    unset = {name for each in desired.providers for model in each.models for name in model.references}
    report(made.store, "w1", unset=unset)  # a first run: no key of any provider is there
    yield made
    made.stop()


@pytest.fixture
def printed(stack: Stack, plane: Plane, tmp_path: Path) -> Callable[..., str]:
    """What `modelctl client NAME` prints on the first run."""
    stack.publish(answered_by(plane))
    env = {"MODELCTL_PROXY": stack.proxy.url, "MODELCTL_SERVER": plane.url, "HOME": str(tmp_path)}

    def run(*arguments: str) -> str:
        code, out, err = modelctl("client", *arguments, cwd=plane.catalog.parent, env=env)
        assert code == 0, err
        assert MASTER_KEY not in out + err
        return out

    return run


def streamed(address: str, body: dict[str, Any], **headers: str) -> list[dict[str, Any]]:
    """The events of a streamed answer."""
    head = {"authorization": f"Bearer {MASTER_KEY}", **headers}
    with httpx.stream(
        "POST", address, json={**body, "stream": True}, headers=head, timeout=60, trust_env=False
    ) as answer:
        assert answer.status_code == 200, answer.read()
        lines = [line.removeprefix("data:").strip() for line in answer.iter_lines() if line.startswith("data:")]
    return [json.loads(line) for line in lines if line != "[DONE]"]


def chat_words(base: str, model: str, **more: Any) -> list[str]:
    body = {"model": model, "messages": [{"role": "user", "content": "hello"}], **more}
    events = streamed(f"{base}/chat/completions", body)
    return [each["choices"][0]["delta"].get("content") or "" for each in events if each["choices"]]


def assert_streamed(words: list[str]) -> None:
    assert "".join(words) == ANSWER
    assert len(words) > len(WORDS) / 2, "it came in pieces"


@pytest.mark.parametrize("program", ["python", "langchain", "javascript"])
def test_env(printed: Callable[..., str], tmp_path: Path, program: str) -> None:
    command: dict[str, list[str | Path]] = {
        "python": [sys.executable, "-c", PROGRAM],
        "langchain": [sys.executable, "-c", LANGCHAIN],
        "javascript": [node_folder() / "node", NODE / "openai_chat.mjs"],
    }
    said = json.loads(in_shell(printed("env"), command[program], bare(tmp_path), NODE))
    assert (said["plain"], said["streamed"]) == (ANSWER, ANSWER)


def test_llm(printed: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "extra-openai-models.yaml").write_text(printed("llm"))
    env = bare(tmp_path, LLM_USER_PATH=str(tmp_path))
    program = Path(sys.executable).with_name("llm")
    in_shell("", [program, "keys", "set", "modelctl", "--value", MASTER_KEY], env, tmp_path)
    assert in_shell("", [program, "-m", "active", "hello"], env, tmp_path).strip() == ANSWER


def test_codex(printed: Callable[..., str]) -> None:
    """Its one request: streamed, with instructions, tools of two kinds and what it never leaves out."""
    config = tomllib.loads(printed("codex"))
    provider = config["model_providers"][config["model_provider"]]
    assert (provider["env_key"], provider["wire_api"]) == (KEY, "responses")
    patch = {"type": "custom", "name": "apply_patch", "description": "Edits files.", "format": {"type": "text"}}
    body = {
        "model": config["model"], "instructions": "You are a coding agent. " * 500, "store": False, "include": [],
        "input": [{"type": "message", "role": "user", "content": [{"type": "input_text", "text": "hello"}]}],
        "tools": [{"type": "function", "strict": False, **TOOL}, patch], "tool_choice": "auto",
        "parallel_tool_calls": False, "prompt_cache_key": "0d8a4e3c",
    }  # fmt: skip
    events = streamed(f"{provider['base_url']}/responses", body)
    assert events[0]["type"] == "response.created"
    assert events[-1]["type"] == "response.completed"
    assert_streamed([each["delta"] for each in events if each["type"] == "response.output_text.delta"])


def test_claude(printed: Callable[..., str], tmp_path: Path) -> None:
    """Its streamed request, with a long system prompt, tools and the beta header."""
    names = ("ANTHROPIC_BASE_URL", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_MODEL")
    script = f"import json, os; print(json.dumps([os.environ[name] for name in {names}]))"
    base, token, model = json.loads(
        in_shell(printed("claude"), [sys.executable, "-c", script], bare(tmp_path), tmp_path)
    )
    assert token == MASTER_KEY
    system = [{"type": "text", "text": "You are a coding agent. " * 500, "cache_control": {"type": "ephemeral"}}]
    body = {
        "model": model, "max_tokens": 4096, "system": system, "metadata": {"user_id": "one"},
        "messages": [{"role": "user", "content": [{"type": "text", "text": "hello"}]}],
        "tools": [{"name": "shell", "description": "Runs a command.", "input_schema": TOOL["parameters"]}],
    }  # fmt: skip
    events = streamed(f"{base}/v1/messages?beta=true", body, **{"anthropic-version": "2023-06-01"})
    assert [events[0]["type"], events[-1]["type"]] == ["message_start", "message_stop"]
    assert_streamed([each["delta"]["text"] for each in events if each.get("delta", {}).get("type") == "text_delta"])


def test_opencode(printed: Callable[..., str]) -> None:
    """As the AI SDK's package for OpenAI-compatible servers asks, which its file names."""
    config = json.loads(printed("opencode"))
    provider, model = config["model"].split("/", 1)
    options = config["provider"][provider]["options"]
    assert options["apiKey"] == f"{{env:{KEY}}}"
    assert model in config["provider"][provider]["models"]
    more = {"stream_options": {"include_usage": True}, "tools": [{"type": "function", "function": TOOL}]}
    assert_streamed(chat_words(options["baseURL"], model, **more, tool_choice="auto", max_tokens=4096))


def test_aider(printed: Callable[..., str], tmp_path: Path) -> None:
    """Through litellm.completion, which aider calls, with what its file says."""
    config = yaml.safe_load(printed("aider"))
    env = bare(tmp_path, OPENAI_API_KEY=MASTER_KEY, LITELLM_LOCAL_MODEL_COST_MAP="True")
    command: list[str | Path] = [sys.executable, "-c", LITELLM, config["model"], config["openai-api-base"]]
    said = json.loads(in_shell("", command, env, tmp_path).splitlines()[-1])
    assert (said["plain"], said["streamed"]) == (ANSWER, ANSWER)
    assert said["pieces"] > len(WORDS) / 2


def test_openwebui(printed: Callable[..., str]) -> None:
    """It lists models, then streams a chat."""
    said = dict(line.split("=", 1) for line in printed("openwebui").splitlines())
    assert said["OPENAI_API_KEY"] == f"${{{KEY}}}"
    head = {"authorization": f"Bearer {MASTER_KEY}"}
    listed = httpx.get(f"{said['OPENAI_API_BASE_URL']}/models", headers=head, trust_env=False).json()["data"]
    assert said["DEFAULT_MODELS"] in [each["id"] for each in listed]
    assert_streamed(chat_words(said["OPENAI_API_BASE_URL"], said["DEFAULT_MODELS"]))


def test_continue(printed: Callable[..., str]) -> None:
    first = yaml.safe_load(printed("continue"))["models"][0]
    assert first["apiKey"] == f"${{{{ secrets.{KEY} }}}}"
    assert_streamed(
        chat_words(first["apiBase"], first["model"], max_tokens=first["defaultCompletionOptions"]["maxTokens"])
    )


def test_the_page_says_of_each_client_how_it_was_tried() -> None:
    rows = re.findall(r"^\| `([a-z]+)` \| (.+?) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert {name for name, _ in rows} == set(CLIENTS)
    tested = {name for name in globals() if name.startswith("test_")}
    assert {f"test_{name}" for name in CLIENTS} <= tested
