"""npm's @copilotkit/aimock on a free port: every provider's wire format, answered by someone else's code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx

from support.node import PACKAGES, node_folder
from support.processes import Process, free_port

ANSWER = "Good morning from the mock, in more than one piece."


class Aimock:
    """Answers every chat with `ANSWER`; `journal()` is what it received, as it understood it."""

    def __init__(self, folder: Path) -> None:
        program = PACKAGES / "@copilotkit" / "aimock" / "dist" / "cli.js"
        if not program.exists():
            raise RuntimeError(f"{program} is missing: `make test` installs it")
        fixtures = folder / "fixtures"
        fixtures.mkdir(parents=True)
        everything = {"fixtures": [{"match": {}, "response": {"content": ANSWER}}]}
        (fixtures / "all.json").write_text(json.dumps(everything))
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        command = [node_folder() / "node", program, "-h", "127.0.0.1", "-p", str(port), "-f", fixtures, "-c", "12"]
        self._process = Process("aimock", command, log=folder / "aimock.log")
        self._client = httpx.Client(base_url=self.url, timeout=10, trust_env=False, verify=False)
        self._process.wait_for(self._answers, "aimock listens", 20)

    def _answers(self) -> bool:
        try:
            return self._client.get("/__aimock/journal").status_code == 200
        except httpx.TransportError:
            return False

    def journal(self) -> list[dict[str, Any]]:
        return list(self._client.get("/__aimock/journal").raise_for_status().json())

    def forget(self) -> None:
        self._client.post("/__aimock/reset/journal").raise_for_status()

    def stop(self) -> None:
        self._client.close()
        self._process.stop(grace=2)
