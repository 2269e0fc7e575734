"""Who may ask our API on AgentOS's origin: its security key, its JWT scopes, our token, or this machine alone."""

from __future__ import annotations

import time
from pathlib import Path

import jwt
import pytest
from agno.agent import Agent
from agno.os import AgentOS
from agno.os.config import AuthorizationConfig
from agno.os.settings import AgnoAPISettings
from fastapi import FastAPI
from fastapi.testclient import TestClient

from modelctl import project
from modelctl.integrations.agno import active_model, mount
from modelctl.state.selection import HistoryEntry
from modelctl.store import open_store
from support.catalog_models import offered_world

KEY = "os-key-5d0c7a"
JWT_SECRET = "a-secret-of-the-tests-that-is-long-enough"
BETA = {"model_id": "beta"}


@pytest.fixture
def settings(tmp_path: Path) -> project.Settings:
    store = open_store(str(tmp_path / "state"))
    world = offered_world()
    store.commit(0, desired=world, entries=[HistoryEntry("publish", time.time(), "tests", revision=world.revision)])
    store.close()
    return project.resolve(catalog=tmp_path / "catalog", state=tmp_path / "state", environ={})


def with_token(settings: project.Settings, token: str) -> project.Settings:
    environ = {"MODELCTL_TOKEN": token}
    return project.resolve(catalog=settings.catalog, state=settings.state, environ=environ)


def agent_os(base: FastAPI | None = None, key: str | None = None, **more: object) -> AgentOS:
    agent = Agent(id="a", model=active_model(api_key="sk-unused"), telemetry=False)
    api = AgnoAPISettings(os_security_key=key)
    return AgentOS(agents=[agent], base_app=base, settings=api, telemetry=False, **more)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def here(app: FastAPI) -> TestClient:
    return TestClient(app, base_url="http://localhost", client=("127.0.0.1", 50000))


def elsewhere(app: FastAPI, host: str = "http://localhost") -> TestClient:
    return TestClient(app, base_url=host, client=("192.0.2.7", 50000))


@pytest.mark.parametrize("order", ["get_app", "base_app"])
def test_both_ways_in(settings: project.Settings, order: str) -> None:
    app = mount(agent_os().get_app(), settings=settings) if order == "get_app" else (
        agent_os(mount(FastAPI(), settings=settings)).get_app()
    )  # fmt: skip
    client = here(app)
    assert client.get("/models/current").json()["model_id"] == "alpha"
    assert client.get("/agents").status_code == 200
    assert client.post("/models/select", json=BETA).json()["target"] == "beta"
    for origin in ("http://localhost:3000", "http://localhost:3001", "https://os.agno.com"):
        asking = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        assert client.options("/models/select", headers=asking).headers["access-control-allow-origin"] == origin
        answer = client.post("/models/select", json=BETA, headers={"Origin": origin})
        assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, origin)
    assert client.post("/models/select", json=BETA, headers={"Origin": "http://evil.example"}).status_code == 403


@pytest.mark.parametrize("order", ["get_app", "base_app"])
def test_the_security_key_covers_reads_and_writes(settings: project.Settings, order: str) -> None:
    app = mount(agent_os(key=KEY).get_app(), settings=settings) if order == "get_app" else (
        agent_os(mount(FastAPI(), settings=settings), KEY).get_app()
    )  # fmt: skip
    client = elsewhere(app, "http://agents.example")
    for headers in ({}, bearer("wrong")):
        assert client.get("/models/list", headers=headers).status_code == 401
        assert client.post("/models/select", json=BETA, headers=headers).status_code == 401
    assert client.get("/models/list", headers=bearer(KEY)).status_code == 200
    answer = client.post("/models/select", json=BETA, headers=bearer(KEY))
    assert (answer.status_code, answer.json()["target"]) == (200, "beta")
    foreign = client.post("/models/select", json=BETA, headers={**bearer(KEY), "Origin": "http://evil.example"})
    assert foreign.status_code == 403


def test_with_the_security_key_our_own_token_is_not_asked_for(settings: project.Settings) -> None:
    app = mount(agent_os(key=KEY).get_app(), settings=with_token(settings, "anna:tok"))
    client = elsewhere(app)
    assert client.post("/models/select", json=BETA, headers=bearer(KEY)).status_code == 200
    assert client.post("/models/select", json=BETA, headers=bearer("tok")).status_code == 401


def test_without_the_security_key_our_token_guards_writes(settings: project.Settings) -> None:
    client = elsewhere(mount(agent_os().get_app(), settings=with_token(settings, "anna:tok")), "http://agents.example")
    assert client.get("/models/current").json()["model_id"] == "alpha"
    assert client.post("/models/select", json=BETA).status_code == 401
    assert client.post("/models/select", json=BETA, headers=bearer("tok")).status_code == 200
    assert client.get("/history").json()[0]["actor"] == "anna"


def test_where_nobody_checks_only_this_machine_writes(settings: project.Settings) -> None:
    app = mount(agent_os().get_app(), settings=settings)
    answer = elsewhere(app).post("/models/select", json=BETA)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "forbidden")
    assert "must come from this machine" in answer.json()["error"]["message"]
    assert here(app).post("/models/select", json=BETA).status_code == 200


def test_with_scopes_only_an_admin_switches(settings: project.Settings) -> None:
    config = AuthorizationConfig(verification_keys=[JWT_SECRET], algorithm="HS256")
    app = mount(agent_os(authorization=True, authorization_config=config).get_app(), settings=settings)
    client = elsewhere(app, "http://agents.example")

    def headers(*scopes: str) -> dict[str, str]:
        claims = {"sub": "anna", "scopes": list(scopes), "exp": int(time.time()) + 60}
        return bearer(jwt.encode(claims, JWT_SECRET, algorithm="HS256"))

    assert client.get("/models/current").status_code == 401
    assert client.post("/models/select", json=BETA, headers=headers("agents:run")).status_code == 403
    assert client.post("/models/select", json=BETA, headers=headers("agent_os:admin")).status_code == 200
    entry = client.get("/history", headers=headers("agent_os:admin")).json()[0]
    assert (entry["actor"], entry["after"]) == ("anna", "beta")


def test_a_plain_app_keeps_its_own_paths(settings: project.Settings) -> None:
    app = FastAPI(title="theirs")
    app.get("/")(lambda: "their page")
    app.get("/modelsuffix")(lambda: "theirs")
    client = here(mount(app, settings=settings))
    assert client.get("/").json() == "their page"
    assert client.get("/modelsuffix").json() == "theirs"
    assert client.get("/openapi.json").json()["info"]["title"] == "theirs"
    assert client.get("/models/providers").json() == ["tests"]
    assert client.get("/unknown").json() == {"detail": "Not Found"}
