"""Whether an edit costs what changed, or what there is."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from bench.book import Book
from bench.measure import Result, Setting, spread
from bench.scene import pause
from modelctl.store import open_store
from support.serve_process import ControlPlane
from support.waiting import wait_until

WHAT = "edit one model -> desired state published, 10,000 against 100 models"


def growth(setting: Setting) -> Iterator[Result]:
    """One edit here, one there, so that a busy moment meets both; the best of three each: other work only adds."""
    count = setting.count(40, 10)
    sides = [_Side(setting.folder / f"publish-{models}", models) for models in (100, 10_000)]
    try:
        turns = [(sides[0].publish(), sides[1].publish()) for _ in range(3 * count + 1)][1:]
    finally:
        for side in sides:
            side.stop()
    threes = [zip(*turns[start : start + 3], strict=True) for start in range(0, len(turns), 3)]
    ratio = median(min(large) / min(small) for small, large in threes)
    details = {"100_ms": spread([small for small, _ in turns]), "10000_ms": spread([large for _, large in turns])}
    yield Result(WHAT, "", ratio, "x", count, 1.3, beside="from the save to the store's commit", details=details)


class _Side:
    """A catalog under `modelctl serve`."""

    def __init__(self, folder: Path, models: int) -> None:
        self.models = models
        self.book = Book(folder, models, "https://upstream.example/v1")
        self.control = ControlPlane(folder, self.book.catalog, folder / "state").start()
        self.store = open_store(str(folder / "state"))

    def publish(self) -> float:
        """Milliseconds from the save of one model's edit to the commit."""
        pause()
        rung = self.store.bell()[0]
        began = self.book.edit(random.randrange(self.models))
        wait_until(lambda: self.store.bell()[0] != rung, "it is published", 30, every=0.0005)
        return (time.time() - began) * 1000

    def stop(self) -> None:
        self.control.stop()
        self.store.close()
