"""Many clients at once against a proxy, and what each of them got."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path

from support.load_generator import Plan
from support.processes import Process
from support.proxy import MASTER_KEY

TESTS = Path(__file__).parent.parent
_numbers = count(1)


@dataclass(frozen=True)
class Sample:
    """One answer. Times are epoch seconds; `first` is when a stream's first piece came."""

    url: str
    stream: bool
    began: float
    ended: float
    status: int
    text: str
    complete: bool
    deployment: str | None = None
    first: float | None = None

    @property
    def ok(self) -> bool:
        return self.status == 200 and self.complete

    @property
    def seconds(self) -> float:
        return self.ended - self.began


class Load:
    """`with Load(folder, urls, ...) as load:` runs until the block ends; `samples` are there afterwards.

    Options are those of `Plan`: model, kind, connections, rate, stream_every, limit. `inside`: what the command line
    of the process that asks begins with.
    """

    def __init__(
        self,
        folder: Path,
        urls: Sequence[str],
        *,
        key: str = MASTER_KEY,
        inside: Sequence[str] = (),
        **options: object,
    ) -> None:
        self._inside = inside
        self._plan = Plan(urls=list(urls), key=key, **options)  # type: ignore[arg-type]
        number = next(_numbers)
        self._output = folder / f"load-{number}.jsonl"
        self._log = folder / f"load-{number}.log"
        self._process: Process
        self.samples: list[Sample] = []

    def __enter__(self) -> Load:
        command = [
            *self._inside,
            sys.executable,
            "-m",
            "support.load_generator",
            json.dumps(asdict(self._plan)),
            self._output,
        ]
        env = {**os.environ, "PYTHONPATH": str(TESTS)}
        self._process = Process("load", command, log=self._log, env=env)
        self._process.wait_for(lambda: self.count() or not self._process.alive, "the first answer", 30)
        return self

    def count(self) -> int:
        """Answers so far."""
        return self._output.read_bytes().count(b"\n") if self._output.exists() else 0

    def wait_until_count(self, number: int, timeout: float = 60) -> None:
        self._process.wait_for(lambda: self.count() >= number, f"{number} answers", timeout)

    def finish(self) -> None:
        """Wait until `limit` is used up, then read what came."""
        self._process.wait(600)
        self._read()

    def __exit__(self, *raised: object) -> None:
        self._process.stop(grace=65)
        self._read()

    def _read(self) -> None:
        lines = self._output.read_text().splitlines()
        self.samples = [Sample(**json.loads(line)) for line in lines if line.endswith("}")]

    @property
    def failed(self) -> list[Sample]:
        return [sample for sample in self.samples if not sample.ok]
