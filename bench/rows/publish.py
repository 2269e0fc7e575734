"""Whether an edit costs what changed, or what there is."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from statistics import median

from bench.measure import Result, Setting, spread
from bench.scene import Book, pause
from modelctl.store import open_store
from support.control import ControlPlane
from support.waiting import wait_until

WHAT = "edit one model -> desired state published, 10,000 against 100 models"


def growth(setting: Setting) -> Iterator[Result]:
    count = setting.count(40, 8)
    took = {models: _publishes(setting, models, count) for models in (100, 10_000)}
    ratio = median(took[10_000]) / median(took[100])
    details = {f"{models}_ms": spread(values) for models, values in took.items()}
    yield Result(WHAT, "", ratio, "x", count, 2.0, beside="from the save to the store's commit", details=details)


def _publishes(setting: Setting, models: int, count: int) -> list[float]:
    """Milliseconds from the save of one model's edit to the commit, through `modelctl serve`."""
    folder = setting.folder / f"publish-{models}"
    book = Book(folder, models, "https://upstream.example/v1")
    control = ControlPlane(folder, book.catalog, folder / "state").start()
    store = open_store(str(folder / "state"))
    took = []
    try:
        for _ in range(count + 1):
            pause()
            rung = store.bell()[0]
            began = book.edit(random.randrange(models))
            wait_until(lambda rung=rung: store.bell()[0] != rung, "it is published", 30, every=0.0005)
            took.append((time.time() - began) * 1000)
    finally:
        control.stop()
        store.close()
    return took[1:]
