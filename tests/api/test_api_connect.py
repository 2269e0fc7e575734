"""`GET /connect`: what other programs must be told, as the terminal prints it, and never a key."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from modelctl import client_configs
from support.api_server import Plane, write_catalog


@pytest.fixture
def plane(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Plane]:
    monkeypatch.setenv("LITELLM_MASTER_KEY", "sk-must-not-be-shown")
    made = Plane(write_catalog(tmp_path))
    yield made
    made.stop()


def test_connect_lists_the_clients_and_where_the_proxy_is(plane: Plane) -> None:
    answer = plane.client.get("/connect").json()
    assert answer["clients"] == list(client_configs.CLIENTS)
    assert answer["key"] == client_configs.KEY
    assert answer["proxy"].startswith("http")
    assert not answer["proxy"].endswith("/v1")


@pytest.mark.parametrize("name", client_configs.CLIENTS)
def test_connect_gives_what_a_client_must_be_told(plane: Plane, name: str) -> None:
    answer = plane.client.get(f"/connect/{name}")
    assert answer.status_code == 200, answer.text
    config = answer.json()
    texts = [*config["lines"], *[file["text"] for file in config["files"]]]
    assert config["client"] == name
    assert any(plane.client.get("/connect").json()["proxy"] in text for text in texts)
    assert "sk-must-not-be-shown" not in answer.text


def test_connect_names_the_clients_for_one_that_is_not_known(plane: Plane) -> None:
    answer = plane.client.get("/connect/nonesuch")
    assert answer.status_code == 404
    assert all(name in answer.json()["error"]["hint"] for name in client_configs.CLIENTS)
