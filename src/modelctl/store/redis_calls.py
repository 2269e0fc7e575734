"""A client of one store's keys: every failure is a `StoreDown` in words for people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from modelctl.store import redis_scripts
from modelctl.store.redis_address import RedisAddress, connect_redis
from modelctl.store.redis_errors import redis_as_store_down
from modelctl.store.store_clock import StoreClock


class RedisCalls:
    """Safe to share between threads."""

    def __init__(self, address: RedisAddress, patience: float) -> None:
        self.address, self._patience = address, patience
        self.clock = StoreClock()
        with redis_as_store_down(address):
            self.redis = self.connect()

    def connect(self) -> Any:
        """One more client, for who listens."""
        return connect_redis(self.address, self._patience)

    def read_clock(self, client: Any) -> None:
        """The server's, by this client; RedisError where it does not answer."""
        self.clock.note(float(client.eval(redis_scripts.TIME, 1, self.key("head"))[0]) / 1000)

    def key(self, name: str) -> str:
        return f"{self.address.tag}:{name}"

    def do(self, command: str, key: str, *values: object) -> Any:
        """A command by the name of the client's method."""
        with redis_as_store_down(self.address):
            return getattr(self.redis, command)(self.key(key), *values)

    def eval(self, script: str, keys: Sequence[str], *values: object) -> list[Any]:
        with redis_as_store_down(self.address):
            return list(self.redis.eval(script, len(keys), *map(self.key, keys), *values))

    def close(self) -> None:
        with redis_as_store_down(self.address):
            self.redis.close()
