"""How requests went, sent to the control plane, which keeps the last of them."""

from __future__ import annotations

from collections.abc import Sequence

from modelctl.state.request_record import RequestRecord
from modelctl.store.control_client import ControlClient
from modelctl.store.http_wire import MOST_ROWS, REQUESTS


class HttpRequests:
    """In place of a `RequestStore`. Raises `StoreDown`."""

    def __init__(self, client: ControlClient) -> None:
        self._client = client

    def write(self, records: Sequence[RequestRecord], now: float) -> None:
        for start in range(0, len(records), MOST_ROWS):
            some = [one.to_dict() for one in records[start : start + MOST_ROWS]]
            self._client.ask("POST", REQUESTS, {"requests": some})

    def close(self) -> None:
        """The client is the store's."""
