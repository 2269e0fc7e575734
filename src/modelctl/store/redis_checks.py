"""Whether a server is fit to keep a store: what it is refused for, and what a person should know of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from redis.exceptions import NoPermissionError, ResponseError

from modelctl.errors import Problem, StoreDown
from modelctl.store.redis_address import RedisAddress

OLDEST = 7  # Lua's own commands, `LPOS`, sharded clusters as we know them
Info = Mapping[str, Any]


def server_info(client: Any, address: RedisAddress) -> Info:
    """INFO of the server that has our keys, and its `save`. Empty where this user may not ask."""
    one = {"target_nodes": client.get_node_from_key(address.tag)} if address.kind == "cluster" else {}
    try:
        found = dict(client.info(**one))
    except NoPermissionError:
        return {}
    with suppress(NoPermissionError, ResponseError):  # servers that others run for you keep CONFIG to themselves
        found["save"] = client.config_get("save", **one).get("save")
    return found


def refuse_unfit(info: Info, address: RedisAddress) -> None:
    """Raises StoreDown for a server that cannot keep a store."""
    version = str(info.get("redis_version", OLDEST))  # Valkey states here which Redis it is like
    if int(re.match(r"\d*", version)[0] or 0) < OLDEST:  # type: ignore[index]
        text = f"the Redis at {address} is {version}, and the store needs {OLDEST} or newer"
        raise StoreDown(text, hint="Redis 7 or newer, or any Valkey")
    if info.get("role") not in (None, "master"):
        primary = f"{info.get('master_host')}:{info.get('master_port')}"
        text = f"the Redis at {address} is a read-only replica of {primary}"
        raise StoreDown(text, hint="name the primary, or redis+sentinel:// which finds it")


def remarks(info: Info, address: RedisAddress) -> tuple[Problem, ...]:
    return tuple(_remarks(info, f"the Redis at {address}"))


def _remarks(info: Info, who: str) -> Iterator[Problem]:
    policy = str(info.get("maxmemory_policy", ""))
    # `volatile-...` takes only keys with a time limit, and ours have none.
    if policy.startswith("allkeys") and int(info.get("maxmemory", 0)):
        text = f"{who} throws keys away when it is full (maxmemory-policy {policy}): selections and history may go"
        hint = "CONFIG SET maxmemory-policy noeviction, or a server of its own"
        yield Problem("store-evicts", text, severity="warning", hint=hint)
    if info.get("aof_enabled") == 0 and info.get("save") == "":
        text = f"{who} keeps nothing on its disk (appendonly no, no save): a restart empties it"
        yield Problem("store-forgets", text, severity="warning", hint="CONFIG SET appendonly yes")
