"""`modelctl client NAME`: what it prints and writes, read back as the client would read it."""

from __future__ import annotations

import json
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from modelctl.client_configs import CLIENTS, Choice, Setup, offered_names
from modelctl.service import views
from modelctl.state.desired import Provider
from support.api_server import Plane, report, write_catalog
from support.catalog_models import listed
from support.cli import called

SECRET = "sk-never-printed-3f9d"
PROXY = "http://proxy.example:4000"
HOSTILE = "x\"'\\ $(touch /pwned) `id` #\x7f\u2028: {{}} é"
PROVIDER = """\
litellm_provider: openai
api_base: http://localhost:9/v1
api_key: none
models:
  alpha: {name: Alpha, mode: chat, context_window: 64000, max_output_tokens: 8000, supports_tools: true,
          supports_vision: true, price: {input: 0.5, output: 2}}
  vague: {mode: chat}
  vectors: {mode: embedding, context_window: 8000}
  gone: {mode: chat, lifecycle: {status: retired}}
"""
ROUTES = """\
active: {target: alpha, also: [claude-active]}
planner: {target: vague}
search: {target: vectors, requires: {mode: embedding}}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "catalog" / "providers").mkdir(parents=True)
    (tmp_path / "catalog" / "providers" / "tests.yaml").write_text(PROVIDER)
    (tmp_path / "catalog" / "routes.yaml").write_text(ROUTES)
    return tmp_path


def run(project: Path, *arguments: str, **variables: str) -> tuple[int, str, str]:
    env = {"MODELCTL_SERVER": "http://127.0.0.1:9", "MODELCTL_PROXY": PROXY, "LITELLM_MASTER_KEY": SECRET}
    ran = called("client", *arguments, cwd=project, env={**env, "HOME": str(project / "home"), **variables})
    return ran.code, ran.out, ran.err


def printed(project: Path, *arguments: str) -> str:
    code, out, err = run(project, *arguments)
    assert code == 0, err
    assert SECRET not in out + err
    return out


def variables(lines: str, **given: str) -> dict[str, str]:
    """What a shell has after these lines."""
    done = subprocess.run(
        ["bash", "-c", f'{lines}\nenv -0'], env={"PATH": "/usr/bin:/bin", **given}, capture_output=True, check=True
    )  # fmt: skip
    pairs = (each.partition("=") for each in done.stdout.decode().split("\0") if each)
    return {name: value for name, _, value in pairs}


# -- each client ---------------------------------------------------------------------------------


def test_opencode(project: Path) -> None:
    config = json.loads(printed(project, "opencode"))
    provider = config["provider"]["modelctl"]
    assert config["model"] == config["small_model"] == "modelctl/active"
    assert provider["options"] == {"baseURL": f"{PROXY}/v1", "apiKey": "{env:LITELLM_MASTER_KEY}"}
    assert list(provider["models"]) == ["active", "planner", "alpha", "vague"]
    assert provider["models"]["active"] == {
        "name": "active",
        "tool_call": True,
        "attachment": True,
        "modalities": {"input": ["text", "image"], "output": ["text"]},
        "limit": {"context": 64000, "output": 8000},
        "cost": {"input": 0.5, "output": 2},
    }
    assert "limit" not in provider["models"]["vague"]


def test_codex(project: Path) -> None:
    config = tomllib.loads(printed(project, "codex"))
    assert (config["model"], config["model_provider"], config["model_context_window"]) == ("active", "modelctl", 64000)
    assert config["model_providers"] == {
        "modelctl": {
            "name": "modelctl",
            "base_url": f"{PROXY}/v1",
            "env_key": "LITELLM_MASTER_KEY",
            "wire_api": "responses",
        }
    }


def test_claude(project: Path) -> None:
    found = variables(printed(project, "claude"), LITELLM_MASTER_KEY="sk-mine", ANTHROPIC_API_KEY="sk-other")
    assert (found["ANTHROPIC_BASE_URL"], found["ANTHROPIC_AUTH_TOKEN"]) == (PROXY, "sk-mine")
    assert "ANTHROPIC_API_KEY" not in found
    names = {value for name, value in found.items() if name.endswith("_MODEL")}
    assert names == {"claude-active"}
    assert found["CLAUDE_CODE_MAX_OUTPUT_TOKENS"] == "8000"
    _, out, err = run(project, "claude", "--route", "planner")
    assert "ANTHROPIC_MODEL=planner" in out
    assert "also: [claude-planner]" in err


def test_aider(project: Path) -> None:
    conf = yaml.safe_load(printed(project, "aider"))
    assert (conf["model"], conf["openai-api-base"]) == ("openai/active", f"{PROXY}/v1")
    facts = json.loads(printed(project, "aider", "--part", "2"))
    assert facts["openai/active"]["max_input_tokens"] == 64000
    assert facts["openai/active"]["input_cost_per_token"] == 5e-7
    assert facts["openai/vague"] == {"litellm_provider": "openai", "mode": "chat"}


def test_openwebui(project: Path) -> None:
    found = dict(line.split("=", 1) for line in printed(project, "openwebui").splitlines())
    assert found["OPENAI_API_BASE_URL"] == f"{PROXY}/v1"
    assert (found["OPENAI_API_KEY"], found["DEFAULT_MODELS"]) == ("${LITELLM_MASTER_KEY}", "active")


def test_llm(project: Path) -> None:
    entries = {each["model_id"]: each for each in yaml.safe_load(printed(project, "llm"))}
    assert list(entries) == ["active", "planner", "alpha", "vague"]
    assert entries["active"] == {
        "model_id": "active",
        "model_name": "active",
        "api_base": f"{PROXY}/v1",
        "api_key_name": "modelctl",
        "vision": True,
        "supports_tools": True,
    }


def test_continue(project: Path) -> None:
    config = yaml.safe_load(printed(project, "continue"))
    assert (config["schema"], config["models"][0]["model"]) == ("v1", "active")
    assert config["models"][0]["apiKey"] == "${{ secrets.LITELLM_MASTER_KEY }}"
    assert config["models"][0]["capabilities"] == ["tool_use", "image_input"]
    assert config["models"][0]["defaultCompletionOptions"] == {"contextLength": 64000, "maxTokens": 8000}


def test_env(project: Path) -> None:
    found = variables(printed(project, "env", "--key", "MY_KEY"), MY_KEY="sk-mine")
    assert (found["OPENAI_BASE_URL"], found["OPENAI_API_KEY"]) == (f"{PROXY}/v1", "sk-mine")


# -- options and refusals ------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(CLIENTS))
def test_every_client_says_where_it_belongs_and_gives_json(project: Path, name: str) -> None:
    code, out, err = run(project, name)
    assert code == 0
    assert "note: " in err
    value = json.loads(printed(project, name, "--json"))
    assert value["client"] == name
    assert bool(value["files"]) != bool(value["lines"])
    assert out.strip() == (value["files"][0]["text"].strip() if value["files"] else "\n".join(value["lines"]))


def test_no_models_leaves_the_routes(project: Path) -> None:
    assert [each["model_id"] for each in yaml.safe_load(printed(project, "llm", "--no-models"))] == [
        "active",
        "planner",
    ]


def test_a_route_leads_where_it_is_asked_for(project: Path) -> None:
    assert tomllib.loads(printed(project, "codex", "--route", "planner"))["model"] == "planner"
    assert tomllib.loads(printed(project, "codex", "--route", "claude-active"))["model"] == "active"
    code, _, err = run(project, "codex", "--route", "plannr")
    assert (code, "did you mean `planner`?" in err) == (2, True)


def test_unknown_client_gets_the_nearest_name(project: Path) -> None:
    code, out, err = run(project, "opncode")
    assert (code, out) == (2, "")
    assert "no client `opncode`" in err
    assert "did you mean `opencode`?" in err


def test_a_key_given_for_its_name_is_not_repeated(project: Path) -> None:
    code, out, err = run(project, "codex", "--key", "sk-oops")
    assert code == 2
    assert "sk-oops" not in out + err


def test_write_never_replaces_a_file_unasked(project: Path) -> None:
    assert run(project, "opencode", "--write")[0] == 0
    path = project / "opencode.json"
    assert json.loads(path.read_text())["model"] == "modelctl/active"
    path.write_text("mine")
    code, _, err = run(project, "opencode", "--write")
    assert (code, path.read_text()) == (1, "mine")
    assert "add --force" in err
    assert run(project, "opencode", "--write", "--force")[0] == 0
    assert json.loads(path.read_text())["model"] == "modelctl/active"


def test_write_with_json_writes_and_says_so(project: Path) -> None:
    code, out, _ = run(project, "opencode", "--write", "--json")
    said = json.loads(out)
    assert code == 0
    assert said["written"] == [one["path"] for one in said["files"]]
    assert all(Path(project, path).is_file() for path in said["written"])
    assert "written" not in json.loads(run(project, "opencode", "--json")[1])


def test_a_part_that_is_not_there(project: Path) -> None:
    assert "this client has 1 file\n" in run(project, "opencode", "--part", "2")[2]


def test_write_of_several_files_is_all_or_nothing(project: Path) -> None:
    (project / ".aider.model.metadata.json").write_text("mine")
    assert run(project, "aider", "--write")[0] == 1
    assert not (project / ".aider.conf.yml").exists()


def test_write_goes_where_the_client_looks(project: Path) -> None:
    assert run(project, "codex", "--write")[0] == 0
    assert (project / "home" / ".codex" / "modelctl.config.toml").is_file()
    assert run(project, "llm", "--write", LLM_USER_PATH=str(project / "llm"))[0] == 0
    assert (project / "llm" / "extra-openai-models.yaml").is_file()


@pytest.mark.parametrize("name", ["claude", "env", "openwebui"])
def test_there_is_no_file_of_environment_lines(project: Path, name: str) -> None:
    code, _, err = run(project, name, "--write")
    assert code == 2
    assert "there is no file to write" in err


def test_a_broken_catalog_and_no_server(project: Path) -> None:
    (project / "catalog" / "routes.yaml").write_text("active: {target: nope}\n")
    code, out, err = run(project, "codex")
    assert (code, out) == (1, "")
    assert "the catalog has errors" in err


def test_neither_catalog_nor_server(tmp_path: Path) -> None:
    code, out, err = run(tmp_path, "codex")
    assert (code, out) == (4, "")
    assert "does not answer" in err


# -- text that people wrote ----------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(CLIENTS))
def test_hostile_names_stay_names(name: str) -> None:
    config = CLIENTS[name](Setup(PROXY, (Choice(HOSTILE, HOSTILE, also=(f"claude{HOSTILE}",)),)))
    texts = [file.text for file in config.files]
    if name in ("claude", "env"):
        found = variables("\n".join(config.lines), LITELLM_MASTER_KEY="k")
        assert found.get("ANTHROPIC_MODEL", f"claude{HOSTILE}") == f"claude{HOSTILE}"
    elif name == "codex":
        assert tomllib.loads(texts[0])["model"] == HOSTILE
    elif name == "opencode":
        assert list(json.loads(texts[0])["provider"]["modelctl"]["models"]) == [HOSTILE]
    elif name in ("aider", "llm", "continue"):
        assert HOSTILE in str(yaml.safe_load(texts[0])) or HOSTILE in _strings(yaml.safe_load(texts[0]))
    else:
        assert variables("set -a\n" + "\n".join(config.lines))["DEFAULT_MODELS"] == HOSTILE


def _strings(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for each in value.values() for text in _strings(each)]
    if isinstance(value, list):
        return [text for each in value for text in _strings(each)]
    return [str(value).removeprefix("openai/")]


# -- live ----------------------------------------------------------------------------------------


@pytest.fixture
def plane(project: Path) -> Iterator[Plane]:
    plane = Plane(project / "catalog")
    yield plane
    plane.stop()


def live(project: Path, plane: Plane, *arguments: str) -> dict[str, Any]:
    code, out, err = run(project, *arguments, MODELCTL_SERVER=plane.url)
    assert code == 0, err
    assert "no control plane answers" not in err
    return dict(json.loads(out))


def test_facts_are_those_of_the_model_in_use(project: Path, plane: Plane) -> None:
    assert live(project, plane, "opencode")["provider"]["modelctl"]["models"]["active"]["limit"]["context"] == 64000
    assert plane.select("vague").status_code == 200
    assert "limit" not in live(project, plane, "opencode")["provider"]["modelctl"]["models"]["active"]


def test_models_that_cannot_be_asked_are_left_out(tmp_path: Path) -> None:
    plane = Plane(write_catalog(tmp_path))
    try:
        report(plane.store, unset=["ACME_KEY"])
        models = live(tmp_path, plane, "opencode")["provider"]["modelctl"]["models"]
        assert list(models) == ["active", "side", "free", "other-twin"]
    finally:
        plane.stop()


def test_api_json_is_shaped_as_models_dev(plane: Plane) -> None:
    answer = plane.client.get("/api.json")
    assert answer.status_code == 200
    provider = answer.json()["modelctl"]
    assert (provider["env"], provider["npm"]) == (["LITELLM_MASTER_KEY"], "@ai-sdk/openai-compatible")
    active = provider["models"]["active"]
    assert (active["id"], active["tool_call"], active["limit"]) == ("active", True, {"context": 64000, "output": 8000})
    assert active["cost"] == {"input": 0.5, "output": 2}
    assert provider["models"]["vague"]["limit"] == {"context": 0, "output": 0}
    again = plane.client.get("/api.json", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304
    assert "/api.json" in plane.client.get("/openapi.json").json()["paths"]


def test_members_of_one_name_promise_only_what_all_hold() -> None:
    one = listed("one", public_name="both", context_window=64000, supports_vision=True, price={"input": 1.0})
    two = listed("two", public_name="both", context_window=32000, supports_vision=None, price={"input": 3.0})
    provider = views.provider_answer(Provider("p", "P", (one, two)), ())
    (choice,) = offered_names.choices([], [provider])
    assert (choice.id, choice.context_window, choice.supports_vision, choice.supports_tools) == (
        "both",
        32000,
        None,
        True,
    )
    assert choice.price["input"] == 3.0
