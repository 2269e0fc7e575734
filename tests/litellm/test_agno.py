"""Real Agno agents, and a real AgentOS with our API on its origin, against a real proxy."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from agno.agent import Agent
from agno.client import AgentOSClient
from agno.db.in_memory import InMemoryDb
from agno.run.base import RunStatus

from modelctl.errors import ModelctlError
from modelctl.integrations.agno import LiteLLM, active_model
from support.catalog_models import offered_world
from support.litellm_stack import Stack
from support.models import key_of
from support.processes import Process, free_port
from support.proxy import MASTER_KEY, environment
from support.waiting import run_async

EXAMPLES = Path(__file__).parents[2] / "examples"
PAGE = "http://localhost:3000"


def words_of(model: str) -> str:
    return f"model={model} key={key_of(model)};"


@pytest.fixture
def agent(stack: Stack) -> Agent:
    stack.publish(offered_world())
    model = active_model(base_url=stack.proxy.url, api_key=MASTER_KEY)
    return Agent(model=model, db=InMemoryDb(), session_id="s", add_history_to_context=True, telemetry=False)


# -- a running agent follows ---------------------------------------------------------------------


def test_agent_follows_a_switch_within_its_session(stack: Stack, agent: Agent) -> None:
    for target in ("alpha", "beta", "gamma"):
        stack.point(target)
        answer = agent.run(f"to {target}")
        assert (answer.status, answer.content) == (RunStatus.completed, words_of(target))
    (last,) = stack.upstream.requests("gamma")
    said = [each["content"] for each in last["body"]["messages"]]
    assert said == ["to alpha", words_of("alpha"), "to beta", words_of("beta"), "to gamma"]


def test_streaming_agent_follows_a_switch(stack: Stack, agent: Agent) -> None:
    for target in ("beta", "alpha"):
        stack.point(target)
        pieces = [each.content for each in agent.run("hello", stream=True) if each.event == "RunContent"]
        assert len(pieces) > 1
        assert "".join(pieces) == words_of(target) * 3


def test_async_agent_follows_a_switch(stack: Stack, agent: Agent) -> None:
    async def talk() -> list[object]:
        first = await agent.arun("hello")
        await asyncio.to_thread(stack.point, "beta")
        return [first.content, (await agent.arun("hello")).content]

    assert run_async(talk()) == [words_of("alpha"), words_of("beta")]


def test_litellm_of_ours_follows_whatever_id_it_is_given(stack: Stack) -> None:
    stack.publish(offered_world())
    agent = Agent(model=LiteLLM(id="gpt-4o", api_base=stack.proxy.url, api_key=MASTER_KEY), telemetry=False)
    for target in ("alpha", "beta"):
        stack.point(target)
        assert agent.run("hello").content == words_of(target)


def test_each_agent_may_have_its_own_route(stack: Stack, agent: Agent) -> None:
    planner = Agent(model=active_model("planner", base_url=stack.proxy.url, api_key=MASTER_KEY), telemetry=False)
    stack.point("beta")
    assert (agent.run("hello").content, planner.run("hello").content) == (words_of("beta"), words_of("gamma"))
    stack.point("alpha", route="planner")
    assert (agent.run("hello").content, planner.run("hello").content) == (words_of("beta"), words_of("alpha"))


def test_failure_of_the_model_is_a_status(stack: Stack, agent: Agent) -> None:
    stack.upstream.behave("alpha", status=500)
    answer = agent.run("hello")
    assert answer.status == RunStatus.error
    assert "alpha fails on demand" in str(answer.content)
    stack.point("beta")
    assert agent.run("hello").status == RunStatus.completed


def test_tokens_are_counted_under_the_route(agent: Agent) -> None:
    metrics = agent.run("hello").metrics
    assert metrics is not None
    assert (metrics.input_tokens, metrics.output_tokens) == (5, 7)
    assert [each.id for each in metrics.details["model"]] == ["active"]


# -- where the address and the key come from -----------------------------------------------------


def test_defaults_come_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MODELCTL_PROXY", "http://proxy.example:4000/")
    monkeypatch.setenv("LITELLM_MASTER_KEY", "sk-from-environment")
    monkeypatch.delenv("LITELLM_API_KEY", raising=False)
    model = active_model("fast", temperature=0.2)
    assert (model.id, model.base_url, model.api_key) == ("fast", "http://proxy.example:4000/v1", "sk-from-environment")
    assert model.temperature == 0.2
    monkeypatch.setenv("LITELLM_API_KEY", "sk-virtual")
    assert active_model().api_key == "sk-virtual"


def test_defaults_come_from_the_project(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("LITELLM_MASTER_KEY", "LITELLM_API_KEY", "MODELCTL_PROXY", "MODELCTL_STATE"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "catalog").mkdir()
    (tmp_path / "src").mkdir()
    monkeypatch.chdir(tmp_path / "src")
    with pytest.raises(ModelctlError, match="there is no key for the proxy"):
        active_model()
    state = tmp_path / ".modelctl"
    state.mkdir()
    (state / "master_key").write_text("sk-of-the-project\n")
    (state / "up.json").write_text('{"proxy": "http://127.0.0.1:4010"}')
    model = active_model()
    assert (model.base_url, model.api_key) == ("http://127.0.0.1:4010/v1", "sk-of-the-project")


def test_without_agno_one_line_says_what_to_install() -> None:
    hide = "import sys; sys.modules['agno'] = None; import importlib.util as u; find = u.find_spec\n"
    hide += "u.find_spec = lambda name, *a: None if name == 'agno' else find(name, *a)\n"
    done = subprocess.run(
        [sys.executable, "-c", hide + "import modelctl.integrations.agno"], capture_output=True, text=True, check=False
    )
    assert (
        done.stderr.splitlines()[-1]
        == "ImportError: modelctl.integrations.agno needs agno: pip install 'modelctl[agno]'"
    )


# -- examples/agno_agent.py ----------------------------------------------------------------------


def ours(stack: Stack, **more: str) -> dict[str, str]:
    return environment({"MODELCTL_STATE": str(stack.state), "MODELCTL_PROXY": stack.proxy.url, **more})


def test_example_agent_follows_a_switch_while_it_runs(stack: Stack) -> None:
    stack.publish(offered_world())
    command = [sys.executable, str(EXAMPLES / "agno_agent.py")]
    with subprocess.Popen(
        command, env=ours(stack), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for target in ("alpha", "beta"):
            stack.point(target)
            process.stdin.write("hello\n")
            assert process.stdout.readline() == words_of(target) + "\n"
        process.stdin.close()
        assert process.wait(20) == 0


# -- examples/agno_os.py: our API on AgentOS's origin --------------------------------------------


@pytest.fixture(scope="module")
def agent_os(session_stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, str(EXAMPLES / "agno_os.py")]
    log = tmp_path_factory.mktemp("agent-os") / "os.log"
    process = Process("AgentOS", command, log=log, env=ours(session_stack, PORT=str(port)), cwd=log.parent)

    def answers() -> bool:
        try:
            return httpx.get(f"{url}/health", trust_env=False).status_code == 200
        except httpx.TransportError:
            return False

    process.wait_for(answers, "AgentOS answers", 90)
    yield url
    process.stop(grace=5)


@pytest.fixture
def http(stack: Stack, agent_os: str) -> Iterator[httpx.Client]:
    stack.publish(offered_world())
    with httpx.Client(base_url=agent_os, trust_env=False, timeout=30) as client:
        yield client


def test_model_endpoints_answer_beside_those_of_agent_os(http: httpx.Client) -> None:
    (provider,) = http.get("/models/list").raise_for_status().json()
    assert [each["id"] for each in provider["models"]] == ["alpha", "beta", "gamma"]
    assert http.get("/models/current").json()["model_id"] == "alpha"
    assert {each["route"] for each in http.get("/routes").json()} == {"active", "planner"}
    assert http.get("/agents").json()[0]["id"] == "assistant"
    missing = http.get("/models/nothing")
    assert (missing.status_code, missing.json()["src"]) == (404, "modelctl")
    assert http.get("/openapi.json").json()["info"]["title"] != "modelctl"


def test_select_there_and_the_running_agent_follows(http: httpx.Client, agent_os: str, stack: Stack) -> None:
    client = AgentOSClient(base_url=agent_os)

    def switch() -> None:
        body = {"model_id": "beta", "reason": "from AgentOS"}
        answer = http.post("/models/select", json=body, headers={"Origin": PAGE})
        assert answer.status_code == 200, answer.text
        stack.settled(answer.json()["version"])

    async def ask() -> object:
        return (await client.run_agent("assistant", "hello", session_id="one")).content

    async def talk() -> list[object]:
        before = await ask()
        await asyncio.to_thread(switch)
        events = client.run_agent_stream("assistant", "hello", session_id="one")
        streamed = "".join([str(each.content) async for each in events if each.event == "RunContent"])
        return [before, await ask(), streamed]

    assert run_async(talk()) == [words_of("alpha"), words_of("beta"), words_of("beta") * 3]
    assert http.get("/history").json()[0]["reason"] == "from AgentOS"
    assert http.post("/rollback", json={}).json()["target"] == "alpha"


@pytest.mark.parametrize("origin", [PAGE, "http://localhost:3001"])
def test_pages_of_both_lists_may_ask(http: httpx.Client, origin: str) -> None:
    asking = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type",
    }
    assert http.options("/models/select", headers=asking).headers["access-control-allow-origin"] == origin
    answer = http.post("/models/select", json={"model_id": "gamma", "dry_run": True}, headers={"Origin": origin})
    assert answer.status_code == 200, answer.text
    assert answer.headers.get_list("access-control-allow-origin") == [origin]


def test_a_foreign_page_can_switch_nothing(http: httpx.Client) -> None:
    headers = {"Origin": "http://evil.example"}
    answer = http.post("/models/select", json={"model_id": "beta"}, headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "forbidden")
    assert "access-control-allow-origin" not in answer.headers
    rebound = http.get("/models/list", headers={"Host": "evil.example"})
    assert rebound.status_code == 403
    assert http.get("/models/current").json()["model_id"] == "alpha"


@pytest.mark.litellm
def test_importing_leaves_no_variable_behind() -> None:
    code = "import os; from modelctl.integrations.agno import active_model; active_model(api_key='x');"
    code += "print(os.environ.get('LITELLM_LOCAL_MODEL_COST_MAP'))"
    env = {name: value for name, value in os.environ.items() if name != "LITELLM_LOCAL_MODEL_COST_MAP"}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "None"
