"""LiteLLM re-reads and rewrites its config file in some thirty places; with the hook none of them sees the file."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from support.in_worker import inside
from support.litellm_stack import Stack
from support.models import SETTINGS, key_of, upstream_model
from support.waiting import wait_until

HALF = "model_list:\n  - model_name: alpha\n    litellm_params: {model: openai/al"
LOCKED: dict[str, Any] = {
    "model_list": [{"model_name": "evil", "litellm_params": {"model": "openai/evil", "api_key": "sk-evil"}}],
    "general_settings": {"master_key": "sk-another-key-of-some-length", "allowed_ips": ["10.9.9.9"]},
    "router_settings": {"model_group_alias": {"active": "evil"}, "num_retries": 9},
}


@pytest.fixture
def file(stack: Stack) -> Iterator[Path]:
    """The config file that LiteLLM was started with; it has it back after the test."""
    path = stack.folder / "litellm_config.yaml"
    written = path.read_bytes()
    yield path
    path.write_bytes(written)


def read_again(client: Any) -> list[httpx.Response]:
    """The reads that push what they find live; the second needs no key."""
    with httpx.Client(base_url=client.url, trust_env=False) as anybody:
        return [
            client.http.get("/router/settings"),
            anybody.get("/get/ui_theme_settings"),
            client.http.get("/callbacks/list"),
        ]


@pytest.mark.parametrize("text", [HALF, "", "[]", "model_list: 3", yaml.safe_dump(LOCKED)])
def test_whatever_stands_in_the_file_nothing_of_it_goes_live(stack: Stack, file: Path, text: str) -> None:
    file.write_text(text)
    for client in stack.clients:
        assert [reply.status_code for reply in read_again(client)][:2] == [200, 200]
        assert client.chat("active").text == f"model=alpha key={key_of('alpha')};"
        assert "evil" not in client.models()
        settings = client.http.get("/router/settings").json()["current_values"]
        assert settings["num_retries"] == 0
        assert settings["model_group_alias"] == {"active": "alpha"}


def test_a_vanished_file_is_not_missed(stack: Stack, file: Path) -> None:
    file.unlink()
    for client in stack.clients:
        assert [reply.status_code for reply in read_again(client)][:2] == [200, 200]
        assert client.chat("active").ok


def test_a_published_setting_that_needs_a_restart_does_not_leak_in_through_a_read(stack: Stack) -> None:
    locked = {**SETTINGS["general_settings"], "allowed_ips": ["10.9.9.9"]}
    stack.publish(replace(stack.base, settings={**SETTINGS, "general_settings": locked}))
    assert {row.restart_needed for row in stack.rows()} == {("general_settings.allowed_ips",)}
    for client in stack.clients:
        assert [reply.status_code for reply in read_again(client)][:2] == [200, 200]
        assert client.chat("active").status == 200


def test_a_refused_revision_is_not_what_is_read(stack: Stack) -> None:
    bad = replace(upstream_model("zeta", "KEY_SPARE"), params={"model": "nonesuch/x"})
    head = stack.publish(
        replace(
            stack.base,
            deployments={**stack.base.deployments, bad.id: bad},
            settings={**SETTINGS, "router_settings": {"num_retries": 5}},
        ),
        wait=False,
    )
    names = "return [each['model_name'] for each in (await proxy.proxy_config.get_config())['model_list']]"
    wait_until(lambda: sum(row.version >= head.version and row.error is not None for row in stack.rows()) == 2, "nacks")
    for worker in stack.proxy.workers:
        assert inside(worker, names) == ["alpha", "beta", "gamma", "embed"]
        retries = inside(worker, "return (await proxy.proxy_config.get_config())['router_settings']['num_retries']")
        assert retries == 0


def test_reads_follow_what_is_applied(stack: Stack) -> None:
    stack.add(upstream_model("delta", "KEY_SPARE"))
    stack.point("delta")
    for client in stack.clients:
        assert client.http.get("/router/settings").json()["current_values"]["model_group_alias"] == {"active": "delta"}


def test_what_is_handed_out_holds_references_and_is_a_copy(stack: Stack) -> None:
    source = """
    config = await proxy.proxy_config._get_config_from_file()
    entry = next(each for each in config["model_list"] if each["model_name"] == "alpha")
    found = [entry["litellm_params"]["api_key"], config["general_settings"]["master_key"]]
    entry["litellm_params"]["api_key"] = "sk-spoiled"
    config["router_settings"].clear()
    del config["model_list"][:]
    again = await proxy.proxy_config._get_config_from_file()
    return [found, again["model_list"][0]["litellm_params"]["api_key"], bool(again["router_settings"])]
    """
    references = ["os.environ/KEY_ALPHA", "os.environ/LITELLM_MASTER_KEY"]
    for worker in stack.proxy.workers:
        assert inside(worker, source) == [references, "os.environ/KEY_ALPHA", True]


# -- writers -----------------------------------------------------------------------------------------

# Each reaches LiteLLM's `save_config` in a proxy without a database that was told to keep models in one.
WRITERS: dict[str, tuple[str, str, Any]] = {
    "theme": ("PATCH", "/update/ui_theme_settings", {"logo_url": "https://example.com/logo.png"}),
    "user settings": ("PATCH", "/update/internal_user_settings", {"user_role": "internal_user"}),
    "team settings": ("PATCH", "/update/default_team_settings", {"max_budget": 5}),
    "public models": ("POST", "/model_group/make_public", {"model_groups": ["alpha"]}),
}
OF_A_DATABASE: dict[str, tuple[str, str, Any]] = {
    "config": ("POST", "/config/update", {"router_settings": {"num_retries": 8}}),
    "config field": (
        "POST",
        "/config/field/update",
        {"field_name": "allowed_ips", "field_value": ["10.9.9.9"], "config_type": "general_settings"},
    ),
    "discount": ("PATCH", "/config/cost_discount_config", {"openai": 0.5}),
    "margin": ("PATCH", "/config/cost_margin_config", {"openai": 0.5}),
    "new model": ("POST", "/model/new", {"model_name": "evil", "litellm_params": {"model": "openai/evil"}}),
}


@pytest.fixture
def keeping_models(stack: Stack) -> Iterator[Stack]:
    """LiteLLM told to keep its settings in a database that it does not have; what it remembers is put back."""
    remember = """
    import os
    attributes = {name: getattr(litellm, name, None) for name in names}
    proxy.kept_by_test = [proxy.store_model_in_db, attributes, dict(os.environ)]
    proxy.store_model_in_db = True
    """
    put_back = """
    import os
    proxy.store_model_in_db, attributes, environment = proxy.kept_by_test
    for name, value in attributes.items():
        setattr(litellm, name, value)
    os.environ.clear()
    os.environ.update(environment)
    """
    names = ["default_internal_user_params", "default_team_params", "public_model_groups", "cost_discount_config"]
    for worker in stack.proxy.workers:
        inside(worker, remember, names=names)
    yield stack
    for worker in stack.proxy.workers:
        inside(worker, put_back)


@pytest.mark.parametrize("name", sorted(WRITERS))
def test_writers_are_told_where_to_write_instead(keeping_models: Stack, file: Path, name: str) -> None:
    stack, before, folder = keeping_models, file.read_bytes(), files(keeping_models.folder)
    method, path, body = WRITERS[name]
    for client in stack.clients:
        reply = client.http.request(method, path, json=body)
        assert (reply.status_code, "change the catalog instead" in reply.text) == (409, True), reply.text
    assert file.read_bytes() == before
    assert files(stack.folder) == folder


@pytest.mark.parametrize("name", sorted(OF_A_DATABASE))
def test_writers_that_need_a_database_change_nothing(stack: Stack, file: Path, name: str) -> None:
    before, folder = file.read_bytes(), files(stack.folder)
    method, path, body = OF_A_DATABASE[name]
    for client in stack.clients:
        reply = client.http.request(method, path, json=body)
        assert 400 <= reply.status_code < 600, reply.text
        assert client.chat("active").text == f"model=alpha key={key_of('alpha')};"
    assert file.read_bytes() == before
    assert files(stack.folder) == folder


def test_no_secret_reaches_a_file_of_ours(stack: Stack, file: Path) -> None:
    """Every file in the state folder and beside the config, after a change of everything."""
    stack.add(upstream_model("delta", "KEY_SPARE"))
    stack.point("delta")
    for client in stack.clients:
        read_again(client)
        assert client.chat("active").text == f"model=delta key={key_of('spare')};"
    secrets = [key_of(name).encode() for name in ("alpha", "beta", "gamma", "spare")]
    for path in files(stack.folder):
        found = [secret for secret in secrets if secret in Path(path).read_bytes()]
        assert (path, found) == (path, [])


def test_a_database_is_still_written(stack: Stack) -> None:
    """With a database LiteLLM's own writer goes there, and stays in charge."""
    source = """
    written = []
    class Database:
        async def insert_data(self, **values):
            written.append(values["table_name"])
    kept = proxy.prisma_client, proxy.store_model_in_db
    proxy.prisma_client, proxy.store_model_in_db = Database(), True
    try:
        await proxy.proxy_config.save_config({"policies": [1]})
    finally:
        proxy.prisma_client, proxy.store_model_in_db = kept
    return written
    """
    assert [inside(worker, source) for worker in stack.proxy.workers] == [["config"]] * 2


def files(folder: Path) -> list[str]:
    """Every regular file that we (and not the test's own machinery) may have written."""
    found = (Path(place) / name for place, _, names in os.walk(folder) for name in names)
    return sorted(str(path) for path in found if path.is_file() and path.suffix not in (".log", ".sock"))
