"""A model and what it is served with, in one publish: no key reaches a host that it was not meant for."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from modelctl.state.desired import Deployment, DesiredState, deployment
from support.in_worker import inside
from support.litellm_stack import Stack
from support.models import SETTINGS, key_of
from support.waiting import wait_until

BAD = deployment("zeta", {"model": "nonesuch/model", "api_key": "os.environ/KEY_ALPHA"}, {})


def with_settings(stack: Stack, *models: Deployment, router: dict[str, Any] | None = None, **more: Any) -> DesiredState:
    settings = {**SETTINGS, "router_settings": {**SETTINGS["router_settings"], **(router or {})}, **more}
    return replace(
        stack.base, deployments={**stack.base.deployments, **{each.id: each for each in models}}, settings=settings
    )


def credential(key: str, base: str, name: str = "team") -> dict[str, Any]:
    return {"credential_name": name, "credential_values": {"api_key": key, "api_base": base}, "credential_info": {}}


def named(name: str = "cred", credential_name: str = "team", **params: Any) -> Deployment:
    return deployment(name, {"model": f"openai/{name}", "litellm_credential_name": credential_name, **params}, {})


def nacks(stack: Stack, desired: DesiredState) -> list[str]:
    head = stack.publish(desired, wait=False)

    def found() -> list[str]:
        rows = [row for row in stack.rows() if row.version >= head.version and row.error]
        return [str(row.error) for row in rows] if len(rows) == 2 else []

    return wait_until(found, "a nack of each")


@contextmanager
def asking(stack: Stack, model: str, **extra: Any) -> Iterator[list[int]]:
    """Both workers are asked all the time; the statuses of the answers."""
    statuses: list[int] = []
    over = threading.Event()

    def ask() -> None:
        clients = [stack.client, stack.client]
        while not over.is_set():
            statuses.extend(client.chat(model, **extra).status for client in clients)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        wait_until(lambda: len(statuses) > 5, "requests are under way")
        yield statuses
        count = len(statuses)
        wait_until(lambda: len(statuses) > count + 5, "requests after the change")
    finally:
        over.set()
        thread.join()


def sent(stack: Stack, model: str) -> set[tuple[str, str]]:
    """(first part of the path, key) of what the upstream received."""
    return {
        (each["path"].split("/")[1], each["headers"]["authorization"].removeprefix("Bearer "))
        for each in stack.upstream.requests(model)
    }


def test_a_model_and_its_credential_are_live_together(stack: Stack) -> None:
    listed = [credential("os.environ/KEY_SPARE", stack.upstream.base("one"))]
    with asking(stack, "cred") as statuses:
        stack.publish(with_settings(stack, named(), credential_list=listed))
        wait_until(lambda: 200 in statuses, "it answers")
    assert sent(stack, "cred") == {("one", key_of("spare"))}
    assert {row.restart_needed for row in stack.rows()} == {()}
    assert set(statuses) <= {200, 400}  # unknown, then there


def test_a_credential_changes_with_the_models_that_it_is_for(stack: Stack) -> None:
    first, second = (
        with_settings(
            stack, named(api_base=stack.upstream.base(base)), credential_list=[credential(key, "http://unused")]
        )
        for base, key in (("one", "sk-one"), ("two", "sk-two"))
    )
    stack.publish(first)
    with asking(stack, "cred") as statuses:
        for desired in (second, first, second):
            stack.publish(desired)
    assert sent(stack, "cred") <= {("one", "sk-one"), ("two", "sk-two")}
    assert set(statuses) == {200}


def test_a_refused_edit_leaves_credentials_and_variables_as_they_were(stack: Stack) -> None:
    base = stack.upstream.base("one")
    good = with_settings(
        stack,
        named(),
        deployment("var", {"model": "openai/var", "api_key": "os.environ/FRESH_KEY", "api_base": base}, {}),
        credential_list=[credential("sk-one", base)],
        environment_variables={"FRESH_KEY": "sk-fresh"},
    )
    stack.publish(good)
    changed = {
        "credential_list": [credential("sk-other", base)],
        "environment_variables": {"FRESH_KEY": "sk-other"},
    }
    bad = replace(good, deployments={**good.deployments, BAD.id: BAD}, settings={**good.settings, **changed})
    assert all("`zeta`" in text for text in nacks(stack, bad))
    for client in stack.clients:
        assert (client.chat("cred").status, client.chat("var").status) == (200, 200)
    assert sent(stack, "cred") == {("one", "sk-one")}
    assert sent(stack, "var") == {("one", "sk-fresh")}
    values = [inside(worker, "import os; return os.environ['FRESH_KEY']") for worker in stack.proxy.workers]
    assert values == ["sk-fresh"] * 2


def test_a_credential_that_boot_would_not_take_is_a_nack(stack: Stack) -> None:
    flat = [{"credential_name": "team", "api_key": "sk-one"}]
    assert all("credential" in text.lower() for text in nacks(stack, with_settings(stack, credential_list=flat)))
    stack.publish(stack.base)
    assert [row.error for row in stack.rows()] == [None, None]


def test_a_variable_and_the_model_that_refers_to_it_are_live_together(stack: Stack) -> None:
    base = stack.upstream.base("one")
    model = deployment("var", {"model": "openai/var", "api_key": "os.environ/FRESH_KEY", "api_base": base}, {})
    for key in ("sk-fresh", "sk-renewed"):
        stack.upstream.forget()
        stack.publish(with_settings(stack, model, environment_variables={"FRESH_KEY": key}))
        assert [client.chat("var").status for client in stack.clients] == [200, 200]
        assert sent(stack, "var") == {("one", key)}
        assert {(row.restart_needed, row.unset) for row in stack.rows()} == {((), ())}
    stack.publish(stack.base)
    gone = [inside(worker, "import os; return os.environ.get('FRESH_KEY')") for worker in stack.proxy.workers]
    assert gone == [None, None]


def test_a_variable_that_nothing_refers_to_waits_for_a_restart_too(stack: Stack) -> None:
    stack.publish(with_settings(stack, environment_variables={"READ_AT_THE_START": "x"}))
    assert {row.restart_needed for row in stack.rows()} == {("environment_variables.READ_AT_THE_START",)}


def keyless(stack: Stack, base: str, key: str, **params: Any) -> DesiredState:
    model = deployment("keyless", {"model": "openai/keyless", "api_base": stack.upstream.base(base), **params}, {})
    return with_settings(stack, model, environment_variables={"OPENAI_API_KEY": key})


def test_the_global_key_changes_with_the_models_that_have_none_of_their_own(stack: Stack) -> None:
    stack.publish(keyless(stack, "one", "sk-one"))
    with asking(stack, "keyless") as statuses:
        for key in ("sk-two", "sk-one", "sk-two"):
            stack.publish(keyless(stack, "one", key, timeout=40))
    assert sent(stack, "keyless") == {("one", "sk-one"), ("one", "sk-two")}
    assert set(statuses) == {200}


def test_an_address_and_its_global_key_do_not_change_in_one_edit(stack: Stack) -> None:
    """A request that has chosen the old address looks its key up later, and would carry the new one there."""
    stack.publish(keyless(stack, "one", "sk-one"))
    with asking(stack, "keyless") as statuses:
        texts = nacks(stack, keyless(stack, "two", "sk-two"))
        assert all("`keyless`" in text and "`OPENAI_API_KEY`" in text and "sk-two" not in text for text in texts)
        stack.publish(keyless(stack, "two", "sk-one"))  # as the user says: first the address ...
        stack.publish(keyless(stack, "two", "sk-two"))  # ... then the key
    assert sent(stack, "keyless") <= {("one", "sk-one"), ("two", "sk-one"), ("two", "sk-two")}
    assert set(statuses) == {200}


def test_tags_choose_from_the_moment_that_the_models_are_there(stack: Stack) -> None:
    models = [
        deployment(
            "tiered",
            {
                "model": f"openai/{tag}",
                "api_key": "os.environ/KEY_SPARE",
                "api_base": "os.environ/UPSTREAM_BASE",
                "tags": [tag],
            },
            {},
        )
        for tag in ("free", "paid")
    ]
    with asking(stack, "tiered", metadata={"tags": ["paid"]}) as statuses:
        stack.publish(with_settings(stack, *models, router={"enable_tag_filtering": True}))
        wait_until(lambda: 200 in statuses, "it answers")
    assert stack.upstream.requests("paid")
    assert not stack.upstream.requests("free")
    assert {row.restart_needed for row in stack.rows()} == {()}


def test_a_model_is_never_live_without_the_guardrail_that_it_names(stack: Stack) -> None:
    guard = {"guardrail_name": "watched", "litellm_params": {"guardrail": "presidio", "mode": "pre_call"}}
    base = stack.upstream.base("one")
    model = deployment(
        "guarded", {"model": "openai/guarded", "api_key": "k", "api_base": base, "guardrails": ["watched"]}, {}
    )
    texts = nacks(stack, with_settings(stack, model, guardrails=[guard]))
    assert all("`guarded`" in text and "only a restart brings in" in text for text in texts)
    assert [client.chat("guarded").status for client in stack.clients] == [400, 400]
    assert not stack.upstream.requests("guarded")
