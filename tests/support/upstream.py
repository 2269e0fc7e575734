"""A provider of the tests' own: real HTTP on loopback, told at run time how each model behaves."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import httpx

from support.processes import Process, listen

TESTS = Path(__file__).parent.parent


class Upstream:
    """`url` has no path; OpenAI's base is `base()`, and `base("a")` another one on the same server."""

    def __init__(self, folder: Path) -> None:
        with listen() as listener:
            self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
            self._process = Process(
                "upstream",
                [sys.executable, "-m", "support.upstream_app", str(listener.fileno())],
                log=folder / "upstream.log",
                env={**os.environ, "PYTHONPATH": str(TESTS)},
                pass_fds=[listener.fileno()],
            )
        self._client = httpx.Client(base_url=self.url, timeout=30, trust_env=False, verify=False)
        self.forget()  # answered only once it is up

    def base(self, prefix: str = "") -> str:
        return f"{self.url}/{prefix}/v1" if prefix else f"{self.url}/v1"

    def behave(self, model: str, **fields: Any) -> None:
        """Set what `model` does from now on ("*" is every model that has nothing set): text, delay, seconds,
        pieces, status, cut_after, headers; what is not given is the default."""
        self._client.put("/-/behaviour", json={model: fields}).raise_for_status()

    def reset(self) -> None:
        """Default behaviour for all, nothing received."""
        self._client.delete("/-/requests", params={"all": "1"}).raise_for_status()

    def forget(self) -> None:
        self._client.delete("/-/requests").raise_for_status()

    def requests(self, model: str | None = None) -> list[dict[str, Any]]:
        """What was received, oldest first: at (epoch s), path, query, headers (lower case), model, body."""
        seen: list[dict[str, Any]] = self._client.get("/-/requests").raise_for_status().json()
        return [each for each in seen if model in (None, each["model"])]

    def stop(self) -> None:
        self._client.close()
        self._process.stop(grace=2)
