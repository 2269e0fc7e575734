"""Every internal of LiteLLM that the hook touches does what the hook relies on - in the LiteLLM that is installed.

All of it runs inside a worker, where LiteLLM is alive; a new release that fails here needs a look at the hook.
"""

from __future__ import annotations

import textwrap
from typing import Any

import pytest

from modelctl.hook import contract
from support.in_worker import inside
from support.litellm_stack import Stack

# A Router of the test's own, so that the worker's stays as it is.
OWN = """
import copy
from litellm.types.router import Deployment
from modelctl.hook.contract import open_floor
own = litellm.Router(model_list=[], ignore_invalid_deployments=True)
own.discard()
floor = open_floor(own)
rust = type(floor).__name__ == "RustRouter"
def create(name="one", id_="id-1", extra=None, info=None, **params):
    made = {"model": "openai/one", "api_key": "sk-1", **params}
    entry = {"model_name": name, "litellm_params": made, "model_info": {"id": id_, **(info or {})}, **(extra or {})}
    return floor.add(entry, extra or {})
def places():
    index = own._core._hosted if rust else own  # LiteLLM gives no other way to it
    return dict(index.model_id_to_deployment_index_map)
def ids():
    return [each["model_info"]["id"] for each in floor.entries()]
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


def test_a_litellm_that_was_not_tested_is_used_and_named_once(stack: Stack) -> None:
    source = """
    import logging
    from modelctl.hook import activate, contract
    from modelctl.hook.log import log
    lines, said = [], []
    keep = logging.Handler()
    keep.emit = lambda record: lines.append(record.getMessage())
    reporter = type("Reporter", (), {"say": staticmethod(said.append)})
    version, settled = contract.litellm_version, activate._settled
    contract.litellm_version = lambda: "1.199.0"
    log.addHandler(keep)
    try:
        able = activate._able(proxy, reporter, 0)
    finally:
        log.removeHandler(keep)
        contract.litellm_version, activate._settled = version, settled
    return [able, lines, said]
    """
    able, lines, said = ask(stack, source)
    assert (able, said) == (True, [])
    assert len(lines) == 1
    assert lines[0].startswith("LiteLLM 1.199 is newer than what this modelctl was tested with")
    assert lines[0].endswith("all that modelctl needs is there")


TAKE_AWAY = """
from functools import reduce
from importlib import import_module
from modelctl.hook import contract
needs = contract.needed()
core = [type(own._core)] if "_core" in vars(own) else []

def owners(holders, name):
    families = [getattr(each, "__mro__", [each]) for each in holders]
    return [each for each in dict.fromkeys(each for family in families for each in family) if name in vars(each)]

def without(holders, name, ask):
    taken = []
    try:
        for each in owners(holders, name):
            kept = vars(each)[name]
            delattr(each, name) if isinstance(each, type) else vars(each).pop(name)
            taken.append((each, kept))
    except TypeError:  # a class written in Rust stays as it is
        return None
    finally:
        said = ask() if taken else None
        for each, kept in taken:
            setattr(each, name, kept) if isinstance(each, type) else vars(each).update({name: kept})
    return said

class Hiding:
    # A living Router but for one attribute, which it may not do without for a moment.
    def __init__(self, of, path):
        self.__dict__.update(of=of, path=path)
    def __getattr__(self, name):
        if [name] == self.path:
            raise AttributeError(name)
        found = getattr(self.of, name)
        return Hiding(found, self.path[1:]) if self.path[:1] == [name] else found

def bare(text):
    return text.partition("(")[0]

def missing():
    return contract.missing(proxy)

reported = {}
for place, holder, names in [
    ("proxy_server", proxy, contract.PROXY_SERVER),
    ("litellm", litellm, contract.LITELLM),
    ("litellm.utils", litellm.utils, contract.UTILS),
]:
    for name in names:
        reported[f"{place}.{name}"] = without([holder], name, missing)
for name in contract.PROXY_CONFIG:
    reported[f"ProxyConfig.{name}"] = without([proxy.proxy_config, type(proxy.proxy_config)], name, missing)
for name in map(bare, (*contract.ROUTER, *needs.methods)):
    reported[f"Router.{name}"] = without([litellm.Router, *core], name, missing)
for module, names in needs.modules.items():
    for path in map(bare, names):
        *parts, name = path.split(".")
        holder = reduce(getattr, parts, import_module(module))
        reported[f"{module}.{path}"] = without([holder], name, missing)
for path in needs.attributes:
    reported[f"Router.{path}"] = contract.missing_in(Hiding(own, path.split(".")))
return {name: said for name, said in reported.items() if said is not None}
"""


def test_each_missing_name_is_reported(stack: Stack) -> None:
    reported = ask(stack, TAKE_AWAY)
    assert len(reported) > 35
    for name, said in reported.items():
        assert name in said
        # Without its methods a class lacks their arguments too; nothing else is blamed.
        last = name.rpartition(".")[2]
        assert all(last in each or name == "proxy_server.proxy_config" for each in said), (name, said)


@pytest.mark.parametrize("floor", ["PYTHON", "RUST"])
def test_each_kind_of_router_has_all_that_its_settings_need(floor: str) -> None:
    """Whatever LiteLLM is installed: no hot setting is forgotten in one of the two."""
    needs = getattr(contract, floor)
    assert needs.attributes == tuple(sorted(needs.attributes))
    assert needs.methods == tuple(sorted(needs.methods))


def test_a_renamed_argument_is_reported(stack: Stack) -> None:
    source = """
    from modelctl.hook import contract
    from functools import reduce
    from importlib import import_module
    needs = contract.needed()
    reported = []
    places = [(litellm.Router, needs.methods), *((import_module(each), names) for each, names in needs.modules.items())]
    for place, names in places:
        for path, _, arguments in (text.rstrip(")").partition("(") for text in names if "(" in text):
            *parts, name = path.split(".")
            owner = reduce(getattr, parts, place)
            kept = getattr(owner, name)
            setattr(owner, name, lambda other: None)
            try:
                reported.append([arguments.split(", "), contract.missing(proxy)])
            finally:
                setattr(owner, name, kept)
    return reported
    """
    reported = inside(stack.proxy.workers[0], source)
    assert reported
    for arguments, said in reported:
        assert [each.rpartition("(")[2].rstrip(")") for each in said] == arguments


# -- adding and removing ---------------------------------------------------------------------------


def test_add_raises_where_boot_would_leave_the_entry_out(stack: Stack) -> None:
    said, left, lenient = ask(
        stack, "return [outcome(lambda: create(model='nonesuch/model')), ids(), own.ignore_invalid_deployments]"
    )
    assert said.startswith("BadRequestError: ")
    assert "nonesuch/model" in said
    assert left == []
    assert lenient


def test_add_takes_extra_keys_and_info(stack: Stack) -> None:
    source = """
    create(extra={"tpm": 7}, info={"team": "blue"})
    floor.finish()
    (entry,) = floor.entries()
    return [ids(), entry["litellm_params"]["tpm"], entry["model_info"]["team"], sorted(own.model_names)]
    """
    assert ask(stack, source) == [["id-1"], 7, "blue", ["one"]]


def test_add_says_false_for_another_environment(stack: Stack) -> None:
    source = """
    import os
    os.environ["LITELLM_ENVIRONMENT"] = "staging"
    try:
        entry = {"model_name": "one", "litellm_params": {"model": "openai/one"},
                 "model_info": {"id": "id-1", "supported_environments": ["production"]}}
        return [create(info={"supported_environments": ["production"]}), ids(), floor.is_active(entry)]
    finally:
        del os.environ["LITELLM_ENVIRONMENT"]
    """
    assert ask(stack, source) == [False, [], False]


def test_delete_takes_it_out_of_every_index(stack: Stack) -> None:
    source = """
    create(); create(name="wild/*", id_="id-2", model="openai/*"); create(id_="id-3")
    floor.finish()
    for id_ in ("id-2", "id-1"):
        floor.delete(id_)
        floor.forget(id_)
    floor.finish()
    return [ids(), places(), own.model_name_to_deployment_indices,
            own.pattern_router.patterns, sorted(own.model_names), list(own.deployment_names),
            list(own.provider_default_deployment_ids), floor.delete("no-such")]
    """
    assert ask(stack, source) == [["id-3"], {"id-3": 0}, {"one": [0]}, {}, ["one"], ["openai/one"], [], None]


def test_delete_takes_twins_together(stack: Stack) -> None:
    """Boot makes one deployment for each organization, all under one id."""
    source = """
    create(organization=["a", "b"]); create(id_="id-2")
    twins = ids()
    floor.delete("id-1")
    return [twins, ids(), floor.missing({"id-1": 0, "id-2": 0})]
    """
    assert ask(stack, source) == [["id-1", "id-1", "id-2"], ["id-2"], "{'id-1'}"]


def test_what_the_router_shows_is_what_it_routes_on(stack: Stack) -> None:
    """The list that LiteLLM's other parts read is kept in step without being read back."""
    source = """
    for at in range(6):
        create(name=f"g{at}", id_=f"id-{at}")
    floor.delete("id-0"); floor.delete("id-3"); create(name="g3", id_="id-3b"); floor.delete("id-5")
    shown = copy.deepcopy(list(floor.entries()))
    if hasattr(floor.entries(), "refresh"):
        floor.entries()._read_at = None
        floor.entries().refresh()
    picked = [own.get_available_deployment(model=each["model_name"])["model_info"]["id"] for each in shown]
    return [shown == list(floor.entries()), ids(), picked, places()]
    """
    left = ["id-1", "id-2", "id-4", "id-3b"]
    assert ask(stack, source) == [True, left, left, {id_: at for at, id_ in enumerate(left)}]


def test_listing_is_what_litellm_lists(stack: Stack) -> None:
    """LiteLLM's background health checks read it; making it anew by LiteLLM's own way costs a change 5 ms."""
    source = """
    def litellms():
        return list(own.registry().deployments()) if rust else own.get_model_list()
    for at in range(3):
        create(name=f"g{at}", id_=f"id-{at}")
    create(name="g0", id_="id-0b"); create(name="wild/*", id_="id-w", model="openai/*")
    seen = []
    many = {"shown": "g0", "dark": {"model": "g1", "hidden": True}, "lit": {"model": "g1", "hidden": False},
            "bare": "wild/x", "nowhere": "none"}
    for aliases in ({}, many, {"g2": "g1"}):
        floor.assign({"model_group_alias": aliases})
        seen.append(floor.listing() == litellms())
    floor.delete("id-1")
    return [*seen, floor.listing() == litellms(), len(floor.listing())]
    """
    assert ask(stack, source) == [True, True, True, True, 4]


def test_fallback_is_found_by_a_key_with_a_provider(stack: Stack) -> None:
    source = """
    create(name="gpt-4o", id_="id-1", model="openai/gpt-4o", mock_response="litellm.InternalServerError")
    create(name="other", id_="id-2", mock_response="from other")
    floor.assign({"fallbacks": [{"openai/gpt-4o": ["other"]}]})
    floor.finish()
    said = own.completion(model="gpt-4o", messages=[{"role": "user", "content": "x"}], num_retries=0)
    return [said.choices[0].message.content, floor.fallbacks()["fallbacks"]]
    """
    assert ask(stack, source) == ["from other", [{"openai/gpt-4o": ["other"]}]]


def test_what_was_there_comes_back(stack: Stack) -> None:
    source = """
    create(rpm=3, info={"team": "blue"})
    before = copy.deepcopy(list(floor.entries()))
    kept = floor.previous("id-1")
    floor.delete("id-1")
    floor.put_back(kept)
    return [list(floor.entries()) == before, floor.previous("no-such")]
    """
    assert ask(stack, source) == [True, None]


def test_prices_are_merged_under_a_known_id(stack: Stack) -> None:
    """Why the hook forgets an id's prices before it adds a deployment under it."""
    source = """
    create(input_cost_per_token=0.5)
    floor.delete("id-1")
    create()
    merged = litellm.model_cost["id-1"].get("input_cost_per_token")
    floor.delete("id-1")
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
    return [bool(each["model_info"].get("db_model")) for each in floor.entries()]
    """
    assert ask(stack, source) == [False, True]


# -- aliases, fallbacks, settings ------------------------------------------------------------------


def test_assign_replaces_the_alias_map(stack: Stack) -> None:
    source = """
    create(name="one")
    create(name="two", id_="id-2")
    floor.assign({"model_group_alias": {"a": "one", "b": {"model": "one", "hidden": True}}})
    floor.assign({"model_group_alias": {"c": "two"}, "fallbacks": [{"c": ["one"]}]})
    picked = own.get_available_deployment(model="c")["model_info"]["id"]
    return [own.model_group_alias, floor.aliases(), floor.fallbacks()["fallbacks"], picked,
            outcome(lambda: own.get_available_deployment(model="a")).split(":")[0]]
    """
    aliases = {"c": "two"}
    assert ask(stack, source) == [aliases, aliases, [{"c": ["one"]}], "id-2", "BadRequestError"]


SETTINGS = {
    "allowed_fails": 0,
    "cooldown_time": 7.5,
    "enable_pre_call_checks": True,
    "max_fallbacks": 2,
    "num_retries": 4,
    "retry_after": 1,
    "retry_policy": {"TimeoutErrorRetries": 3},
    "stream_timeout": 0.7,
    "timeout": 0.9,
}


def test_settings_are_those_that_a_boot_would_set(stack: Stack) -> None:
    """Also a second time, and where a key goes again."""
    source = """
    create()
    read = [*given, "allowed_fails_policy", "explicit_allowed_fails", "request_timeout", "default_litellm_params"]
    def of(router):
        values = {name: getattr(router, name, None) for name in read}
        values["cooldown"] = router.cooldown_cache.default_cooldown_time
        if rust:  # what a request reads
            values["requests"] = router._core._shaping
        return values
    seen = []
    for settings in ({}, given, {"timeout": 2}, {}):
        floor.take_settings(list(given), settings)
        booted = litellm.Router(**copy.deepcopy(settings))
        booted.discard()
        seen.append([of(own) == of(booted), str((of(own), of(booted)))])
    return seen
    """
    for same, values in ask(stack, source, given=SETTINGS):
        assert same, values


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
    front = "_core" in vars(own)  # such a Router registers nothing until it is used
    return [between == before if front else between > before, [len(each) for each in lists] == before]
    """
    assert ask(stack, source) == [True, True]


def test_the_listing_is_the_model_list(stack: Stack) -> None:
    assert ask(stack, "create()\nreturn floor.listing() == list(floor.entries())")


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
    from modelctl.hook.counting import Counting
    first, second = (get_instance_fn("modelctl.hook.handler") for _ in range(2))
    return [isinstance(first, Counting), first is second, sum(isinstance(each, Counting) for each in litellm.callbacks)]
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
