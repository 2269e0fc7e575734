"""Real client programs, set up by what `modelctl client` prints, ask a real proxy and follow a switch."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from support.catalog_models import offered_world
from support.litellm_stack import Stack
from support.models import key_of
from support.node import node_folder
from support.proxy import MASTER_KEY
from support.serve_process import modelctl

NODE = Path(__file__).parents[1] / "node"
PROVIDER = """\
api_base: http://localhost:9/v1
api_key: none
models:
  alpha: {mode: chat, context_window: 64000, max_output_tokens: 8000, supports_tools: true}
  beta: {mode: chat, context_window: 64000, max_output_tokens: 8000, supports_tools: true}
"""
PROGRAM = """\
import json
from openai import OpenAI

client = OpenAI()
messages = [{"role": "user", "content": "hello"}]
raw = client.chat.completions.with_raw_response.create(model="active", messages=messages)
stream = client.chat.completions.create(model="active", messages=messages, stream=True)
streamed = "".join(chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices)
plain = raw.parse().choices[0].message.content
print(json.dumps({"plain": plain, "streamed": streamed, "answered": raw.headers["x-litellm-model-id"]}))
"""
LANGCHAIN = """\
import json
from langchain_openai import ChatOpenAI

model = ChatOpenAI(model="active")
plain, streamed = model.invoke("hello").content, "".join(piece.content for piece in model.stream("hello"))
print(json.dumps({"plain": plain, "streamed": streamed}))
"""


def words_of(model: str) -> str:
    return f"model={model} key={key_of(model)};"


@pytest.fixture
def project(stack: Stack, tmp_path: Path) -> Path:
    """A catalog that says of alpha and beta what the proxy runs."""
    stack.publish(offered_world())
    (tmp_path / "catalog" / "providers").mkdir(parents=True)
    (tmp_path / "catalog" / "providers" / "openai.yaml").write_text(PROVIDER)
    (tmp_path / "catalog" / "routes.yaml").write_text("active: {target: alpha, also: [claude-active]}\n")
    return tmp_path


def client(stack: Stack, project: Path, *arguments: str, **variables: str) -> str:
    env = {"MODELCTL_PROXY": stack.proxy.url, "MODELCTL_SERVER": "http://127.0.0.1:9", **variables}
    code, out, err = modelctl("client", *arguments, cwd=project, env=env)
    assert code == 0, err
    return out


def bare(project: Path, **more: str) -> dict[str, str]:
    """An environment that says nothing of any provider."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    quiet = {"NO_PROXY": "127.0.0.1", "TIKTOKEN_CACHE_DIR": str(project), "LANGSMITH_TRACING": "false"}
    return {**kept, **quiet, "HOME": str(project), "LITELLM_MASTER_KEY": MASTER_KEY, **more}


def in_shell(lines: str, command: list[str | Path], env: Mapping[str, str], cwd: Path) -> str:
    """`command` after `lines`, as somebody would have it in a profile."""
    script = f'{lines}\nexec "$@"'
    done = subprocess.run(
        ["bash", "-c", script, "bash", *map(str, command)],
        env=dict(env), cwd=cwd, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("program", ["python", "langchain", "javascript"])
def test_sdk_follows_a_switch(stack: Stack, project: Path, program: str) -> None:
    lines = client(stack, project, "env")
    command: dict[str, list[str | Path]] = {
        "python": [sys.executable, "-c", PROGRAM],
        "langchain": [sys.executable, "-c", LANGCHAIN],
        "javascript": [node_folder() / "node", NODE / "openai_chat.mjs"],
    }
    for target in ("alpha", "beta"):
        stack.point(target)
        said = json.loads(in_shell(lines, command[program], bare(project), NODE))
        assert (said["plain"], said["streamed"]) == (words_of(target), words_of(target) * 3)
        (deployment,) = [each.id for each in stack.desired.deployments.values() if each.group == target]
        assert said.get("answered", deployment) == deployment


def test_llm_reads_our_file_and_follows_a_switch(stack: Stack, project: Path) -> None:
    folder = project / "llm"
    client(stack, project, "llm", "--write", LLM_USER_PATH=str(folder))
    env = bare(project, LLM_USER_PATH=str(folder))
    program = Path(sys.executable).with_name("llm")
    in_shell("", [program, "keys", "set", "modelctl", "--value", MASTER_KEY], env, project)
    assert "active" in in_shell("", [program, "models"], env, project)
    for target in ("alpha", "beta"):
        stack.point(target)
        assert in_shell("", [program, "-m", "active", "--no-stream", "hello"], env, project).strip() == words_of(target)
        assert in_shell("", [program, "-m", "active", "hello"], env, project).strip() == words_of(target) * 3


def test_what_claude_code_sends_is_answered(stack: Stack, project: Path) -> None:
    """Its two requests, as its gateway protocol has them, with the variables that we print."""
    program = """if True:
        import json, os, urllib.request
        base, token = os.environ["ANTHROPIC_BASE_URL"], os.environ["ANTHROPIC_AUTH_TOKEN"]
        head = {"Authorization": f"Bearer {token}", "anthropic-version": "2023-06-01"}
        head["Content-Type"] = "application/json"
        def ask(path, body=None):
            data = json.dumps(body).encode() if body else None
            return json.load(urllib.request.urlopen(urllib.request.Request(base + path, data, head)))
        shown = [each["id"] for each in ask("/v1/models?limit=1000")["data"] if each["id"].startswith("claude")]
        messages = [{"role": "user", "content": "hi"}]
        body = {"model": os.environ["ANTHROPIC_MODEL"], "max_tokens": 9, "messages": messages}
        print(json.dumps([shown, ask("/v1/messages?beta=true", body)["content"][0]["text"]]))
    """
    lines = client(stack, project, "claude")
    for target in ("alpha", "beta"):
        stack.point(target)
        said = json.loads(in_shell(lines, [sys.executable, "-c", program], bare(project), project))
        assert said == [["claude-active"], words_of(target)]


def test_what_codex_sends_is_answered(stack: Stack, project: Path) -> None:
    """A streamed request to /v1/responses, at the address and with the variable that its profile names."""
    program = """if True:
        import os, sys, tomllib
        from openai import OpenAI
        config = tomllib.load(open(sys.argv[1], "rb"))
        provider = config["model_providers"][config["model_provider"]]
        client = OpenAI(base_url=provider["base_url"], api_key=os.environ[provider["env_key"]])
        stream = client.responses.create(model=config["model"], input="hello", stream=True, store=False)
        print("".join(each.delta for each in stream if each.type == "response.output_text.delta"))
    """
    client(stack, project, "codex", "--write", CODEX_HOME=str(project))
    command: list[str | Path] = [sys.executable, "-c", program, project / "modelctl.config.toml"]
    for target in ("alpha", "beta"):
        stack.point(target)
        assert in_shell("", command, bare(project), project).strip() == words_of(target) * 3
