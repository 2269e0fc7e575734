"""Every internal of LiteLLM that the hook touches does what the hook relies on - in the LiteLLM that is installed.

All of it runs inside a worker, where LiteLLM is alive; a new release that fails here needs a look at the hook.
"""

from __future__ import annotations

import textwrap
from typing import Any

import pytest

from support.inside import inside
from support.stack import Stack

# A Router of the test's own, so that the worker's stays as it is.
OWN = """
import copy
from litellm.types.router import Deployment
own = litellm.Router(model_list=[], ignore_invalid_deployments=True)
own.discard()
def create(name="one", id_="id-1", extra=None, info=None, **params):
    made = {"model": "openai/one", "api_key": "sk-1", **params}
    return own._create_deployment(deployment_info=extra or {}, _model_name=name, _litellm_params=made,
                                  _model_info={"id": id_, **(info or {})}, declared_id=id_)
def outcome(work):
    try:
        return repr(work())
    except Exception as error:
        return f"{type(error).__name__}: {error}"
"""


def ask(stack: Stack, source: str, **values: Any) -> Any:
    return inside(stack.proxy.workers[0], OWN + textwrap.dedent(source), **values)


# -- names -----------------------------------------------------------------------------------------


def test_nothing_is_missing(stack: Stack) -> None:
    source = "from modelctl.hook import contract\nreturn [contract.missing(proxy), contract.missing_in(router)]"
    assert [inside(worker, source) for worker in stack.proxy.workers] == [[[], []]] * 2


TAKE_AWAY = """
from modelctl.hook import contract
places = {"proxy_server": proxy, "ProxyConfig": type(proxy.proxy_config), "Router": litellm.Router, "litellm": litellm}
names = [("proxy_server", name) for name in contract.PROXY_SERVER] + [("litellm", name) for name in contract.LITELLM]
names += [("ProxyConfig", name) for name in contract.PROXY_CONFIG] + [("Router", name) for name in contract.ROUTER]
reported = {}
for place, name in names:
    instance = vars(proxy.proxy_config)
    hidden = {key: instance.pop(key) for key in [name] if place == "ProxyConfig" and key in instance}
    kept = vars(places[place])[name]
    delattr(places[place], name)
    try:
        reported[f"{place}.{name}"] = contract.missing(proxy)
    finally:
        setattr(places[place], name, kept)
        instance.update(hidden)
for name in contract.ROUTER_ATTRIBUTES:
    if name in vars(own) and not hasattr(type(own), name):
        kept = vars(own).pop(name)
        reported[f"Router.{name}"] = contract.missing_in(own)
        vars(own)[name] = kept
return reported
"""


def test_each_missing_name_is_reported(stack: Stack) -> None:
    reported = ask(stack, TAKE_AWAY)
    assert len(reported) > 35
    for name, said in reported.items():
        assert name in said
        # Without its methods a class lacks their arguments too; nothing else is blamed.
        assert all(name.split(".", 1)[-1] in each or name == "proxy_server.proxy_config" for each in said), (name, said)


def test_a_renamed_argument_is_reported(stack: Stack) -> None:
    source = """
    from modelctl.hook import contract
    kept = litellm.Router._create_deployment
    def other(self, deployment_info, _model_name, _litellm_params, _model_info): ...
    litellm.Router._create_deployment = other
    try:
        return contract.missing(proxy)
    finally:
        litellm.Router._create_deployment = kept
    """
    assert inside(stack.proxy.workers[0], source) == ["Router._create_deployment(declared_id)"]


# -- adding and removing ---------------------------------------------------------------------------


def test_create_deployment_raises_only_when_it_must_not_ignore(stack: Stack) -> None:
    source = """
    lenient = outcome(lambda: create(model="nonesuch/model"))
    own.ignore_invalid_deployments = False
    strict = outcome(lambda: create(model="nonesuch/model"))
    return [lenient, strict, own.get_model_ids()]
    """
    lenient, strict, ids = ask(stack, source)
    assert lenient == "None"
    assert strict.startswith("BadRequestError: ")
    assert "nonesuch/model" in strict
    assert ids == []


def test_create_deployment_takes_extra_keys_and_info(stack: Stack) -> None:
    source = """
    create(extra={"tpm": 7}, info={"team": "blue"})
    (entry,) = own.model_list
    return [own.get_model_ids(), entry["litellm_params"]["tpm"], entry["model_info"]["team"], sorted(own.model_names)]
    """
    # `model_names` is the caller's: the hook adds to it.
    assert ask(stack, source) == [["id-1"], 7, "blue", []]


def test_create_deployment_returns_none_for_another_environment(stack: Stack) -> None:
    source = """
    import os
    own.ignore_invalid_deployments = False
    os.environ["LITELLM_ENVIRONMENT"] = "staging"
    try:
        entry = {"model_name": "one", "litellm_params": {"model": "openai/one"},
                 "model_info": {"id": "id-1", "supported_environments": ["production"]}}
        active = own.deployment_is_active_for_environment(deployment=Deployment(**entry))
        return [create(info={"supported_environments": ["production"]}), own.get_model_ids(), active]
    finally:
        del os.environ["LITELLM_ENVIRONMENT"]
    """
    assert ask(stack, source) == [None, [], False]


def test_delete_deployment_takes_it_out_of_every_index(stack: Stack) -> None:
    source = """
    create(); create(name="wild/*", id_="id-2", model="openai/*"); create(id_="id-3")
    own.model_names.update({"one", "wild/*"})
    for id_ in ("id-2", "id-1"):
        own.delete_deployment(id=id_)
    return [own.get_model_ids(), own.model_id_to_deployment_index_map, own.model_name_to_deployment_indices,
            own.pattern_router.patterns, sorted(own.model_names), own.delete_deployment(id="no-such")]
    """
    assert ask(stack, source) == [["id-3"], {"id-3": 0}, {"one": [0]}, {}, ["one"], None]


def test_get_deployment_and_add_deployment_bring_back_what_was_there(stack: Stack) -> None:
    source = """
    create(rpm=3, info={"team": "blue"})
    before = copy.deepcopy(own.model_list)
    kept = own.get_deployment("id-1")
    own.delete_deployment(id="id-1")
    own.add_deployment(kept)
    return [own.model_list == before, own.get_deployment("no-such")]
    """
    assert ask(stack, source) == [True, None]


def test_prices_are_merged_under_a_known_id(stack: Stack) -> None:
    """Why the hook forgets an id's prices before it adds a deployment under it."""
    source = """
    create(input_cost_per_token=0.5)
    own.delete_deployment(id="id-1")
    create()
    merged = litellm.model_cost["id-1"].get("input_cost_per_token")
    own.delete_deployment(id="id-1")
    litellm.model_cost.pop("id-1")
    create()
    return [merged, litellm.model_cost["id-1"].get("input_cost_per_token")]
    """
    assert ask(stack, source) == [0.5, None]


def test_generate_model_id_depends_on_the_resolved_parameters(stack: Stack) -> None:
    source = """
    one = {"model": "openai/one", "api_key": "sk-1"}
    make = litellm.Router.generate_model_id
    return [make("one", one) == make("one", dict(one)), make("one", one) == make("one", {**one, "api_key": "sk-2"})]
    """
    assert ask(stack, source) == [True, False]


def test_model_list_entries_say_whether_the_database_owns_them(stack: Stack) -> None:
    source = """
    create(); create(id_="id-2", info={"db_model": True})
    return [bool(each["model_info"].get("db_model")) for each in own.model_list]
    """
    assert ask(stack, source) == [False, True]


# -- aliases, fallbacks, settings ------------------------------------------------------------------


def test_update_settings_replaces_the_alias_map(stack: Stack) -> None:
    source = """
    create(name="one")
    own.update_settings(model_group_alias={"a": "one", "b": {"model": "one", "hidden": True}})
    own.update_settings(model_group_alias={"c": "one"})
    return own.model_group_alias
    """
    assert ask(stack, source) == {"c": "one"}


def test_update_settings_cuts_a_timeout(stack: Stack) -> None:
    """Why the hook copies settings from a Router that was built with them."""
    source = "own.update_settings(timeout=0.9)\nreturn [own.timeout, litellm.Router(timeout=0.9).timeout]"
    assert ask(stack, source) == [0, 0.9]


def test_fallbacks_are_attributes_that_a_boot_fills(stack: Stack) -> None:
    source = """
    chains = [{"one": ["two"]}]
    made = litellm.Router(fallbacks=copy.deepcopy(chains), context_window_fallbacks=chains,
                          content_policy_fallbacks=chains, default_fallbacks=["three"])
    made.discard()
    return [made.fallbacks, made.context_window_fallbacks, made.content_policy_fallbacks]
    """
    chains = [{"one": ["two"]}]
    assert ask(stack, source) == [[*chains, {"*": ["three"]}], chains, chains]


@pytest.mark.parametrize("wrong", [["one"], [{"one": ["two"], "two": ["one"]}], [{}]])
def test_validate_fallbacks_raises(stack: Stack, wrong: list[Any]) -> None:
    assert ask(stack, "return outcome(lambda: own.validate_fallbacks(fallback_param=wrong))", wrong=wrong).startswith(
        "ValueError"
    )


def test_discard_takes_a_router_out_of_every_callback_list(stack: Stack) -> None:
    source = """
    lists = (litellm.success_callback, litellm.failure_callback,
             litellm._async_success_callback, litellm._async_failure_callback)
    before = [len(each) for each in lists]
    made = litellm.Router(num_retries=1)
    between = [len(each) for each in lists]
    made.discard()
    return [between > before, [len(each) for each in lists] == before]
    """
    assert ask(stack, source) == [True, True]


def test_a_failing_budget_sync_has_nothing_to_do_without_a_budget(stack: Stack) -> None:
    source = """
    made = create()
    return [own._sync_deployment_budget_config(deployment=made), own.get_model_list() == own.model_list]
    """
    assert ask(stack, source) == [None, True]


# -- references and config reads -------------------------------------------------------------------


def test_references_are_resolved_at_every_depth_but_not_as_items_of_a_list(stack: Stack) -> None:
    source = """
    import os
    os.environ["CONTRACT_VALUE"] = "found"
    value = "os.environ/CONTRACT_VALUE"
    written = {"a": value, "b": {"c": value}, "d": [{"e": value}], "f": [value], "g": "os.environ/NONE", "h": "x"}
    kept = copy.deepcopy(written)
    return [proxy.proxy_config._check_for_os_environ_vars(config=written), written == kept,
            litellm.get_secret("os.environ/CONTRACT_VALUE")]
    """
    resolved = {"a": "found", "b": {"c": "found"}, "d": [{"e": "found"}], "f": ["os.environ/CONTRACT_VALUE"], "g": None}
    assert ask(stack, source) == [{**resolved, "h": "x"}, True, "found"]


def test_get_config_goes_through_the_one_door_that_the_hook_holds(stack: Stack) -> None:
    source = """
    asked = []
    kept = proxy.proxy_config._get_config_from_file
    async def watched(config_file_path=None):
        asked.append(config_file_path)
        return await kept(config_file_path)
    proxy.proxy_config._get_config_from_file = watched
    try:
        config = await proxy.proxy_config.get_config()
        await proxy.proxy_config.get_config(config_file_path=proxy.user_config_file_path)
    finally:
        proxy.proxy_config._get_config_from_file = kept
    return [len(asked), asked[1] == proxy.user_config_file_path, len(config["model_list"])]
    """
    assert ask(stack, source) == [2, True, len(stack.base.deployments)]


def test_the_middleware_stack_can_be_replaced_between_two_requests(stack: Stack) -> None:
    source = """
    app, inner = proxy.app, proxy.app.middleware_stack
    proxy.contract_seen = []
    async def gate(scope, receive, send):
        proxy.contract_seen.append(scope["type"])
        app.middleware_stack = inner
        await inner(scope, receive, send)
    app.middleware_stack = gate
    return inner is not None
    """
    worker = stack.proxy.workers[0]
    assert inside(worker, source)
    assert [worker.client.chat("active").status for _ in range(2)] == [200, 200]
    assert inside(worker, "return proxy.contract_seen") == ["http"]


# -- how the hook comes in -------------------------------------------------------------------------


def test_startup_hooks_ran_before_the_config_was_read(stack: Stack) -> None:
    for worker in stack.proxy.workers:
        log = worker.process.output()
        assert "following the store" in log
        assert log.index("following the store") < log.index("Proxy initialized with Config")


def test_a_callback_may_be_a_name_that_the_module_makes_on_demand(stack: Stack) -> None:
    source = """
    from litellm.proxy.types_utils.utils import get_instance_fn
    from modelctl.hook.activate import Handler
    first, second = (get_instance_fn("modelctl.hook.handler") for _ in range(2))
    return [isinstance(first, Handler), first is second, sum(isinstance(each, Handler) for each in litellm.callbacks)]
    """
    assert ask(stack, source) == [True, True, 1]


def test_proxy_server_names_are_read_where_they_are_set(stack: Stack) -> None:
    """LiteLLM looks `llm_router`, `llm_model_list` and `user_config_file_path` up in the module at each request."""
    source = """
    kept = proxy.llm_model_list
    return [proxy.llm_router is router, isinstance(kept, list), isinstance(proxy.user_config_file_path, str),
            proxy.prisma_client is None, callable(proxy.HTTPException)]
    """
    assert ask(stack, source) == [True] * 5
