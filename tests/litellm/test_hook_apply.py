"""What the hook does to a live Router: one pass of adding, switching and removing; all of it or nothing."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from modelctl.state.desired import Deployment, DesiredState, Route, deployment
from modelctl.state.selection import Worker as Row
from support.in_worker import inside
from support.litellm_stack import Stack
from support.models import SETTINGS, key_of, upstream_model
from support.waiting import wait_until

SNAPSHOT = """
entries = {each["model_info"]["id"]: each for each in router.model_list}
return {
    "entries": entries,
    "names": sorted(router.model_names),
    "by_name": {name: sorted(router.model_list[place]["model_info"]["id"] for place in places)
                for name, places in router.model_name_to_deployment_indices.items()},
    "patterns": sorted(router.pattern_router.patterns),
    "upstream_names": sorted(router.deployment_names),
    "aliases": router.model_group_alias,
    "fallbacks": [router.fallbacks, router.context_window_fallbacks, router.content_policy_fallbacks],
    "settings": [router.timeout, router.num_retries, router.retry_after, router.allowed_fails, litellm.drop_params],
    "prices": {id_: litellm.model_cost.get(id_) for id_ in entries},
    "known": sorted(key for key in litellm.model_cost if len(key) == 16),
}
"""
BAD = deployment("zeta", {"model": "nonesuch/model", "api_key": "os.environ/KEY_ALPHA"}, {})


def words(model: str, key: str | None = None) -> str:
    return f"model={model} key={key or key_of(model)};"


def snapshots(stack: Stack) -> list[dict[str, Any]]:
    return [inside(worker, SNAPSHOT) for worker in stack.proxy.workers]


def assert_unchanged(now: list[dict[str, Any]], before: list[dict[str, Any]]) -> None:
    """Part by part, so that a failure names what differs."""
    for worker, (mine, earlier) in enumerate(zip(now, before, strict=True)):
        assert mine.keys() == earlier.keys()
        for part in mine:
            assert mine[part] == earlier[part], f"{part} of worker {worker}"


def spare(name: str, **params: Any) -> Deployment:
    return upstream_model(name, "KEY_SPARE", **params)


def rows(stack: Stack, version: int) -> list[Row]:
    """What every worker says of `version`, ack or nack."""

    def all_there() -> list[Row]:
        found = stack.rows()
        return found if len(found) == 2 and all(row.version >= version for row in found) else []

    return wait_until(all_there, f"every worker has dealt with version {version}", every=0.002)


def nacks(stack: Stack, desired: DesiredState, **options: Any) -> list[str]:
    """Publish what must be refused; what each worker says."""
    head = stack.publish(desired, wait=False, **options)
    found = wait_until(
        lambda: [row for row in stack.rows() if row.version >= head.version and row.error],
        "a nack of each",
        every=0.002,
    )
    wait_until(lambda: len([row for row in stack.rows() if row.error]) == 2, "a nack of each")
    return [str(row.error) for row in stack.rows() if found]


def with_routes(stack: Stack, **targets: str) -> DesiredState:
    routes = {name: Route(name, target) for name, target in targets.items()}
    return replace(stack.desired, routes={**stack.desired.routes, **routes})


# -- one pass ------------------------------------------------------------------------------------


def test_adds_switches_and_removes_in_one_publish(stack: Stack) -> None:
    others = [each for each in stack.base.deployments.values() if each.group not in ("alpha", "beta")]
    new = {each.id: each for each in (*others, spare("delta"), spare("beta"))}
    stack.publish(replace(stack.base, deployments=new, routes={"active": Route("active", "delta")}))
    for client in stack.clients:
        assert client.chat("active").text == words("delta", key_of("spare"))
        assert client.chat("beta").text == words("beta", key_of("spare"))
        assert client.chat("gamma").text == words("gamma")
        gone = client.chat("alpha")
        assert (gone.status, "alpha" in gone.text) == (400, True)
        assert set(client.models()) == {"beta", "gamma", "delta", "embed", "active"}


def test_untouched_deployments_keep_their_place_in_memory(stack: Stack) -> None:
    identities = "return {each['model_info']['id']: id(each) for each in router.model_list}"
    before = [inside(worker, identities) for worker in stack.proxy.workers]
    stack.add(spare("delta"))
    stack.point("beta")
    after = [inside(worker, identities) for worker in stack.proxy.workers]
    assert [old.items() <= new.items() for old, new in zip(before, after, strict=True)] == [True, True]


def test_back_to_the_start_leaves_nothing_behind(stack: Stack) -> None:
    before = snapshots(stack)
    wild = deployment("wild/*", {"model": "groq/*", "api_key": "os.environ/KEY_SPARE"}, {})
    priced = spare("delta", input_cost_per_token=0.5, rpm=3)
    stack.publish(
        replace(
            with_routes(stack, second="delta", third="wild/x"),
            deployments={**stack.base.deployments, wild.id: wild, priced.id: priced},
            fallbacks={"fallbacks": {"delta": ["beta"]}},
            settings={**SETTINGS, "router_settings": {**SETTINGS["router_settings"], "timeout": 12.5}},
        )
    )
    assert snapshots(stack) != before
    stack.publish(stack.base)
    assert_unchanged(snapshots(stack), before)


# -- all or nothing ------------------------------------------------------------------------------


def many_changes(stack: Stack) -> dict[str, Deployment]:
    """Eight new groups, one changed, one removed."""
    kept = {id_: each for id_, each in stack.base.deployments.items() if each.group not in ("beta", "gamma")}
    new = [spare(f"new-{number}") for number in range(8)] + [spare("beta")]
    return {**kept, **{each.id: each for each in new}}


SETTINGS_THAT_FAIL: dict[str, Any] = {
    "retry_policy": {"router_settings": {"retry_policy": {"TimeoutErrorRetries": "a few"}}},
    "allowed_fails_policy": {"router_settings": {"allowed_fails_policy": {"TimeoutErrorAllowedFails": "a few"}}},
}


@pytest.mark.parametrize(
    "kind", ["bad-provider", "price-not-a-number", "boot-would-not-start", "fallbacks", *SETTINGS_THAT_FAIL]
)
def test_a_failure_anywhere_undoes_everything(stack: Stack, kind: str) -> None:
    before = snapshots(stack)
    deployments = many_changes(stack)
    changes: dict[str, Any] = {}
    last = {
        "bad-provider": BAD,
        "price-not-a-number": spare("zeta", rpm="several"),
        "boot-would-not-start": spare("zeta", max_agentic_loops=0),
    }.get(kind)
    if last:
        deployments[last.id] = last
    if kind == "fallbacks":
        changes["settings"] = {**SETTINGS, "router_settings": {**SETTINGS["router_settings"], "fallbacks": ["beta"]}}
    if kind in SETTINGS_THAT_FAIL:
        changes["settings"] = {**SETTINGS, **SETTINGS_THAT_FAIL[kind]}
    said = nacks(
        stack, replace(stack.base, deployments=deployments, routes={"active": Route("active", "new-1")}, **changes)
    )
    assert len(said) == 2
    if last:
        assert all("`zeta`" in text for text in said)
    assert_unchanged(snapshots(stack), before)
    assert [client.chat("active").text for client in stack.clients] == [words("alpha")] * 2
    assert [row.revision for row in stack.rows()] == [stack.base.revision] * 2
    stack.publish(replace(stack.base, deployments=many_changes(stack)))
    assert [client.chat("new-1").text for client in stack.clients] == [words("new-1", key_of("spare"))] * 2
    assert [row.error for row in stack.rows()] == [None, None]


def test_selections_go_on_over_the_last_good_revision(stack: Stack) -> None:
    nacks(stack, replace(stack.base, deployments={**stack.base.deployments, BAD.id: BAD}))
    head = stack.point("beta", wait=False)
    found = rows(stack, head.version)
    assert [(row.targets["active"], "zeta" in str(row.error)) for row in found] == [("beta", True)] * 2
    assert [client.chat("active").text for client in stack.clients] == [words("beta")] * 2
    stack.publish(stack.base)
    assert [client.chat("active").text for client in stack.clients] == [words("beta")] * 2
    assert [row.error for row in stack.rows()] == [None, None]


def test_a_selection_that_comes_with_a_refused_revision_applies(stack: Stack) -> None:
    stack.point("gamma")
    selections = stack.store.head().selections
    stack.publish(stack.base, selections={})
    nacks(stack, replace(stack.base, deployments={**stack.base.deployments, BAD.id: BAD}), selections=selections)
    wait_until(lambda: [row.targets["active"] for row in stack.rows()] == ["gamma"] * 2, "both point to gamma")
    assert [client.chat("active").text for client in stack.clients] == [words("gamma")] * 2


def test_an_entry_for_another_environment_is_no_nack(stack: Stack) -> None:
    for worker in stack.proxy.workers:
        inside(worker, "import os; os.environ['LITELLM_ENVIRONMENT'] = 'staging'")
    elsewhere = replace(spare("prod-only"), info={"supported_environments": ["production"]})
    here = replace(spare("staged"), info={"supported_environments": ["staging"]})
    try:
        stack.add(elsewhere, here)
        assert [client.chat("prod-only").status for client in stack.clients] == [400, 400]
        assert [client.chat("staged").ok for client in stack.clients] == [True, True]
        logged = [worker.process.output().count("lost deployments") for worker in stack.proxy.workers]
        looked = time.monotonic()
        wait_until(lambda: time.monotonic() - looked > 1.2, "two full looks have passed", timeout=5)
        assert [worker.process.output().count("lost deployments") for worker in stack.proxy.workers] == logged
    finally:
        for worker in stack.proxy.workers:
            inside(worker, "import os; del os.environ['LITELLM_ENVIRONMENT']")


def test_a_renamed_model_with_an_id_of_its_own_is_never_missing(stack: Stack) -> None:
    """The id passes to another group; in each step between, the route must lead somewhere."""
    named = replace(spare("old-name"), info={"id": "our-own-id"})
    stack.publish(
        replace(
            stack.base,
            deployments={**stack.base.deployments, named.id: named},
            routes={"active": Route("active", "old-name")},
        )
    )
    renamed = replace(spare("new-name", weight=2), info={"id": "our-own-id"})
    for worker in stack.proxy.workers:
        inside(worker, WATCH_STEPS)
    stack.publish(
        replace(
            stack.base,
            deployments={**stack.base.deployments, renamed.id: renamed},
            routes={"active": Route("active", "new-name")},
        )
    )
    for worker in stack.proxy.workers:
        seen = inside(worker, "import modelctl.hook.follow as follow\nfollow.STRETCH = 0.004\nreturn follow.seen")
        assert len(seen) >= 3
        assert all(seen), seen
    assert [client.chat("active").ok for client in stack.clients] == [True, True]


# One step per turn of the loop; before each of them: does the route lead to a model that exists?
WATCH_STEPS = """
import modelctl.hook.follow as follow
follow.STRETCH = -1
follow.seen = []
def look(left):
    target = router.model_group_alias["active"]
    follow.seen.append(target in router.model_name_to_deployment_indices)
    if left and follow.STRETCH < 0:
        asyncio.get_running_loop().call_soon(look, left - 1)
look(200_000)
"""


# -- what is not ours, and what others take away ---------------------------------------------------

BY_HAND = """
from litellm.types.router import Deployment, LiteLLM_Params, ModelInfo
router.upsert_deployment(Deployment(
    model_name="by-hand",
    litellm_params=LiteLLM_Params(model="openai/by-hand", api_key="sk-by-hand", api_base=base),
    model_info=ModelInfo(id="by-hand-1", db_model=True),
))
router.model_group_alias = {**router.model_group_alias, "not-ours": "beta"}
"""


@pytest.fixture
def by_hand(stack: Stack) -> Iterator[Stack]:
    """A deployment as LiteLLM's database adds it, and an alias of somebody else's, in each worker."""
    for worker in stack.proxy.workers:
        inside(worker, BY_HAND, base=stack.upstream.base())
    yield stack
    for worker in stack.proxy.workers:
        inside(
            worker,
            """
            router.delete_deployment(id="by-hand-1")
            router.model_group_alias = {k: v for k, v in router.model_group_alias.items() if k != "not-ours"}
            """,
        )


def test_what_is_not_ours_survives_reloads_and_failures(by_hand: Stack) -> None:
    stack = by_hand
    stack.add(spare("delta"))
    stack.point("delta")
    nacks(stack, replace(stack.desired, deployments={**stack.desired.deployments, BAD.id: BAD}))
    stack.publish(stack.base)
    for client in stack.clients:
        assert client.chat("by-hand").text == words("by-hand", "sk-by-hand")
        assert client.chat("not-ours").text == words("beta")


def test_a_lost_deployment_is_put_back(stack: Stack) -> None:
    (id_,) = [each.id for each in stack.base.deployments.values() if each.group == "beta"]
    for worker in stack.proxy.workers:
        inside(worker, "router.delete_deployment(id=id_)", id_=id_)
    wait_until(lambda: all(client.chat("beta").ok for client in stack.clients), "beta answers again")
    assert [client.chat("beta").text for client in stack.clients] == [words("beta")] * 2


def test_the_database_poll_takes_nothing_away(stack: Stack) -> None:
    stack.add(spare("delta"))
    ids = "return sorted(router.get_model_ids())"
    for worker in stack.proxy.workers:
        before = inside(worker, ids)
        kept = inside(worker, "return sorted(await proxy.proxy_config._delete_deployment(db_models=[]))")
        assert (inside(worker, ids), kept) == (before, before)


# One step of the hook per turn of the loop, and a poll between each two of them.
POLL_BETWEEN_STEPS = """
import modelctl.hook.follow as follow
follow.STRETCH = -1
follow.polls = 0
async def poll():
    while follow.STRETCH < 0:
        await proxy.proxy_config._delete_deployment(db_models=[])
        follow.polls += 1
        await asyncio.sleep(0)
follow.task = asyncio.create_task(poll())
"""
END_POLLS = "import modelctl.hook.follow as follow\nfollow.STRETCH = 0.004\nawait follow.task\nreturn follow.polls"


def test_the_database_poll_takes_nothing_away_in_the_middle_of_a_change(stack: Stack) -> None:
    for worker in stack.proxy.workers:
        inside(worker, POLL_BETWEEN_STEPS)
    deployments = many_changes(stack)
    stack.publish(replace(stack.base, deployments=deployments))
    polls = [inside(worker, END_POLLS) for worker in stack.proxy.workers]
    assert min(polls) > len(deployments)
    assert [inside(worker, "return sorted(router.get_model_ids())") for worker in stack.proxy.workers] == [
        sorted(deployments)
    ] * 2
    logged = "".join(worker.process.output() for worker in stack.proxy.workers[:1])
    assert "lost deployments" not in logged.rsplit("applied the desired state", 1)[-1]


# -- routes and their fallbacks ------------------------------------------------------------------


def test_every_route_falls_back_by_its_own_chain(stack: Stack) -> None:
    own = Route("own", "alpha", fallbacks=("gamma",))
    inherited = Route("inherited", "alpha")
    none = Route("none", "alpha", fallbacks=())
    stack.publish(
        replace(
            stack.base,
            routes={**stack.base.routes, "own": own, "inherited": inherited, "none": none},
            fallbacks={"fallbacks": {"alpha": ["beta"]}},
        )
    )
    stack.upstream.behave("alpha", status=500)
    for client in stack.clients:
        assert client.chat("own").text == words("gamma")
        assert client.chat("inherited").text == words("beta")
        assert client.chat("alpha").text == words("beta")
        assert client.chat("none").status == 500


def test_a_route_never_falls_back_to_the_model_that_is_selected(stack: Stack) -> None:
    route = Route("active", "alpha", fallbacks=("beta", "gamma"))
    stack.publish(replace(stack.base, routes={"active": route}))
    stack.point("beta")
    stack.upstream.behave("beta", status=500)
    for client in stack.clients:
        stack.upstream.forget()
        assert client.chat("active").text == words("gamma")
        assert len(stack.upstream.requests("beta")) == 1


def test_default_fallbacks_come_and_go(stack: Stack) -> None:
    stack.upstream.behave("alpha", status=500)
    settings = {**SETTINGS, "router_settings": {**SETTINGS["router_settings"], "default_fallbacks": ["gamma"]}}
    stack.publish(replace(stack.base, settings=settings))
    assert [client.chat("active").text for client in stack.clients] == [words("gamma")] * 2
    stack.publish(stack.base)
    assert [client.chat("active").status for client in stack.clients] == [500, 500]


def test_a_time_limit_ends_by_itself(stack: Stack) -> None:
    head = stack.point("beta", until=time.time() + 1.5)
    assert [client.chat("active").text for client in stack.clients] == [words("beta")] * 2
    wait_until(lambda: [row.targets["active"] for row in stack.rows()] == ["alpha"] * 2, "both are back on alpha")
    assert [client.chat("active").text for client in stack.clients] == [words("alpha")] * 2
    assert stack.store.head() == head  # nobody wrote: the workers ended it themselves


# -- what a worker says of itself ------------------------------------------------------------------


def test_unset_variables_are_named_wherever_they_stand(stack: Stack) -> None:
    plain = upstream_model("delta", "NOT_SET_A")
    nested = spare("epsilon", extra_headers={"x-one": "os.environ/NOT_SET_B"})
    told = spare("eta", extra_body={"deep": [{"er": "os.environ/NOT_SET_C"}]})
    stack.add(plain, nested, told)
    assert {row.unset for row in stack.rows()} == {("NOT_SET_A", "NOT_SET_B", "NOT_SET_C")}
    assert [row.error for row in stack.rows()] == [None, None]
    stack.remove(["delta", "eta"])
    assert {row.unset for row in stack.rows()} == {("NOT_SET_B",)}


def test_a_variable_that_says_false_is_set(stack: Stack) -> None:
    for worker in stack.proxy.workers:
        inside(worker, "import os; os.environ['SAYS_FALSE'] = 'false'")
    stack.add(spare("delta", drop_params="os.environ/SAYS_FALSE"))
    assert {row.unset for row in stack.rows()} == {()}


def test_restart_needed_names_the_keys_until_they_are_reverted(stack: Stack) -> None:
    stack.publish(
        replace(
            stack.base,
            settings={
                **SETTINGS,
                "general_settings": {**SETTINGS["general_settings"], "allowed_ips": ["10.9.9.9"]},
                "litellm_settings": {
                    **SETTINGS["litellm_settings"],
                    "callbacks": ["modelctl.hook.handler", "prometheus"],
                },
                "router_settings": {**SETTINGS["router_settings"], "routing_strategy": "latency-based-routing"},
            },
        )
    )
    expected = ("general_settings.allowed_ips", "litellm_settings.callbacks", "router_settings.routing_strategy")
    assert {row.restart_needed for row in stack.rows()} == {expected}
    assert [client.chat("active").ok for client in stack.clients] == [True, True]
    stack.publish(stack.base)
    assert {row.restart_needed for row in stack.rows()} == {()}


# -- routers that are models -------------------------------------------------------------------------


def complexity(simple: str) -> Deployment:
    tiers = {"SIMPLE": simple, "MEDIUM": simple, "COMPLEX": "beta", "REASONING": "beta"}
    params = {"model": "auto_router/complexity_router", "complexity_router_config": {"tiers": tiers}}
    return deployment("smart", {**params, "complexity_router_default_model": simple}, {})


def test_a_complexity_router_is_changed_like_any_model(stack: Stack) -> None:
    for simple in ("alpha", "gamma", "alpha"):
        smart = complexity(simple)
        stack.publish(replace(stack.base, deployments={**stack.base.deployments, smart.id: smart}))
        assert [client.chat("smart").text for client in stack.clients] == [words(simple)] * 2
        assert [(row.error, row.left_out) for row in stack.rows()] == [(None, ())] * 2


def test_an_adaptive_router_goes_live_and_goes(stack: Stack) -> None:
    config = {"available_models": ["alpha", "beta"], "default_model": "alpha"}
    stack.add(
        deployment("adapts", {"model": "auto_router/adaptive_router", "adaptive_router_config": config}, {}),
    )
    assert {client.chat("adapts").text in (words("alpha"), words("beta")) for client in stack.clients} == {True}
    stack.publish(stack.base)
    assert [client.chat("adapts").status for client in stack.clients] == [400, 400]


def test_an_entry_that_stays_refused_keeps_no_later_edit_from_going_live(stack: Stack) -> None:
    with_bad = {**stack.base.deployments, BAD.id: BAD}
    assert all("`zeta`" in text for text in nacks(stack, replace(stack.base, deployments=with_bad)))
    delta = spare("delta")
    stack.publish(replace(stack.base, deployments={**with_bad, delta.id: delta}))
    assert [client.chat("delta").text for client in stack.clients] == [words("delta", key_of("spare"))] * 2
    assert [(row.error, row.left_out) for row in stack.rows()] == [(None, ("`zeta` (nonesuch/model)",))] * 2
    assert [row.revision for row in stack.rows()] == [stack.store.head().revision] * 2


# -- settings that go live ---------------------------------------------------------------------------

HOT: dict[str, Any] = {
    "allowed_fails": 7,
    "allowed_fails_policy": {"TimeoutErrorAllowedFails": 4},
    "cooldown_time": 3.5,
    "enable_pre_call_checks": True,
    "enable_tag_filtering": True,
    "max_fallbacks": 2,
    "model_group_retry_policy": {"alpha": {"TimeoutErrorRetries": 1}},
    "num_retries": 4,
    "retry_after": 2,
    "retry_policy": {"TimeoutErrorRetries": 3},
    "stream_timeout": 21.5,
    "tag_filtering_match_any": False,
    "timeout": "os.environ/A_TIMEOUT",
}
# Every plain attribute of the Router beside those of a Router that was built with the same settings.
AGAINST_A_BUILT_ONE = """
plain = (str, int, float, bool, type(None), list, dict)
def attributes(one):
    found = {name: repr(value) for name, value in vars(one).items() if isinstance(value, plain) or "olicy" in name}
    return {**found, "cooldown": repr(one.cooldown_cache.default_cooldown_time)}
resolved = proxy.proxy_config._check_for_os_environ_vars(config=settings)
built = litellm.Router(
    **resolved, router_general_settings=router.router_general_settings, ignore_invalid_deployments=True)
built.discard()
ours, wanted = attributes(router), attributes(built)
leave = {"model_list", "healthy_deployments", "cache_responses", "deployment_latency_map", "model_group_alias",
         "model_names", "total_calls", "fail_calls", "success_calls", "previous_models", "access_groups"}
return {name: [ours[name], value] for name, value in wanted.items()
        if ours.get(name, value) != value and name not in leave
        and not any(part in name for part in ("deployment", "index", "cache"))}
"""


def test_hot_router_settings_are_what_a_boot_makes_of_them(stack: Stack) -> None:
    for worker in stack.proxy.workers:
        inside(worker, "import os; os.environ['A_TIMEOUT'] = '33'")
    settings = {**SETTINGS["router_settings"], **HOT}
    start = [
        inside(worker, AGAINST_A_BUILT_ONE, settings=SETTINGS["router_settings"]) for worker in stack.proxy.workers
    ]
    assert start == [{}, {}]
    stack.publish(replace(stack.base, settings={**SETTINGS, "router_settings": settings}))
    assert {row.restart_needed for row in stack.rows()} == {()}
    differences = [inside(worker, AGAINST_A_BUILT_ONE, settings=settings) for worker in stack.proxy.workers]
    assert differences == [{}, {}]
    stack.publish(stack.base)
    back = [inside(worker, AGAINST_A_BUILT_ONE, settings=SETTINGS["router_settings"]) for worker in stack.proxy.workers]
    assert back == [{}, {}]


CALLBACKS = """
lists = (litellm.callbacks, litellm.success_callback, litellm.failure_callback, litellm._async_success_callback,
         litellm._async_failure_callback, litellm.input_callback, litellm.service_callback)
return [sorted(map(repr, each)) for each in lists]
"""


def test_hot_router_settings_leave_no_second_router_behind(stack: Stack) -> None:
    before = [inside(worker, CALLBACKS) for worker in stack.proxy.workers]
    for number in range(3):
        settings = {**SETTINGS["router_settings"], "num_retries": number + 1}
        stack.publish(replace(stack.base, settings={**SETTINGS, "router_settings": settings}))
    assert [inside(worker, CALLBACKS) for worker in stack.proxy.workers] == before


def test_a_timeout_goes_live_on_the_wire(stack: Stack) -> None:
    stack.upstream.behave("alpha", delay=3.0)
    settings = {**SETTINGS["router_settings"], "timeout": 0.4}
    stack.publish(replace(stack.base, settings={**SETTINGS, "router_settings": settings}))
    assert [client.chat("active").status for client in stack.clients] == [408, 408]
    stack.publish(stack.base)
    assert [client.chat("active").status for client in stack.clients] == [200, 200]


def test_drop_params_goes_live_on_the_wire(stack: Stack) -> None:
    for worker in stack.proxy.workers:
        inside(worker, "import os; os.environ['DROP'] = 'false'")
    odd = {"logit_bias": {"1": 2}}
    model = deployment("ollama-like", {"model": "ollama_chat/odd", "api_base": "os.environ/UPSTREAM_BASE"}, {})
    stack.add(model)
    assert [client.chat("ollama-like", **odd).status for client in stack.clients] == [400, 400]
    for value, status in ((True, 404), ("os.environ/DROP", 400)):
        litellm_settings = {**SETTINGS["litellm_settings"], "drop_params": value}
        stack.publish(replace(stack.desired, settings={**SETTINGS, "litellm_settings": litellm_settings}))
        assert {client.chat("ollama-like", **odd).status == 400 for client in stack.clients} == {status == 400}


# -- the catalog's defaults for variables ------------------------------------------------------------


def test_a_default_for_a_variable_goes_live_changes_and_goes(stack: Stack) -> None:
    model = deployment(
        "local", {"model": "openai/local", "api_key": "os.environ/KEY_SPARE", "api_base": "os.environ/LOCAL_BASE"}, {}
    )
    desired = replace(stack.base, deployments={**stack.base.deployments, model.id: model})
    for prefix in ("a", "b"):
        stack.publish(
            replace(desired, env_defaults={"LOCAL_BASE": stack.upstream.base(prefix), "KEY_SPARE": "sk-loses"})
        )
        for client in stack.clients:
            stack.upstream.forget()
            assert client.chat("local").text == words("local", key_of("spare"))
            assert [each["path"] for each in stack.upstream.requests("local")] == [f"/{prefix}/v1/chat/completions"]
    nacks(
        stack,
        replace(
            desired,
            deployments={**desired.deployments, BAD.id: BAD},
            env_defaults={"LOCAL_BASE": stack.upstream.base("c")},
        ),
    )
    stack.upstream.forget()
    assert [client.chat("local").ok for client in stack.clients] == [True, True]
    assert {each["path"] for each in stack.upstream.requests("local")} == {"/b/v1/chat/completions"}
    stack.publish(desired)
    assert {row.unset for row in stack.rows()} == {("LOCAL_BASE",)}
