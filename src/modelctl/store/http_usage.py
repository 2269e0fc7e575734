"""What a worker has counted, sent to the control plane: the figures are kept there, by worker."""

from __future__ import annotations

from collections.abc import Sequence

from modelctl.store.control_client import ControlClient
from modelctl.store.http_wire import MOST_ROWS, USAGE, row_to_dict
from modelctl.store.usage_store import Retention, Row


class HttpUsage:
    """In place of a `UsageStore`. Raises `StoreDown`; what was not taken is sent again, and counts once."""

    def __init__(self, client: ControlClient) -> None:
        self._client = client

    def write(self, worker: str, rows: Sequence[Row], prices: str | None = None) -> None:
        for start in range(0, len(rows), MOST_ROWS):
            some = [row_to_dict(row) for row in rows[start : start + MOST_ROWS]]
            self._client.ask("POST", USAGE, {"worker": worker, "prices": prices, "rows": some})

    def age(self, now: float, keep: Retention) -> None:
        """The control plane does that."""

    def close(self) -> None:
        self._client.close()
