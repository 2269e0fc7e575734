"""Whether anybody notices reloads and selections, other than by the right answer."""

from __future__ import annotations

from collections.abc import Iterator

from bench.measure import Result, Setting
from bench.scene import Scene, shared
from support.load import Load
from support.models import key_of
from support.timeline import Timeline, mixed, wrong

WHAT = "failed, mixed or broken requests while reloads and selects follow each other under load, streams included"
TARGETS = range(10, 20)


def failures(setting: Setting) -> Iterator[Result]:
    scene, rounds = shared(setting), setting.count(1000, 50)
    keys = dict.fromkeys(TARGETS, "alpha")
    scene.select("m-9")
    scene.upstream.behave("*", seconds=0.5, pieces=5)
    timeline = Timeline(_words(9, "alpha"))
    with Load(scene.folder, scene.urls, connections=16, stream_every=4) as load:
        for number in range(rounds):
            target = TARGETS[number % len(TARGETS)]
            with timeline.change(_words(target, keys[target])):
                scene.select(f"m-{target}")
            load.wait_until_count(load.count() + 1)
            keys[target] = "spare" if keys[target] == "alpha" else "alpha"
            with timeline.change(_words(target, keys[target])):
                _rekey(scene, target, keys[target])
            load.wait_until_count(load.count() + 1)
    scene.upstream.reset()
    counts = {
        "failed": len(load.failed),
        "mixed": len(mixed(load.samples)),
        "wrong model or key": len(wrong(load.samples, timeline)),
    }
    details = {**counts, "streams": sum(each.stream for each in load.samples), "reloads": rounds, "selects": rounds}
    case = f"{rounds:,} of each"
    yield Result(WHAT, case, sum(counts.values()), "requests", len(load.samples), 0.0, details=details)


def _words(model: int, key: str) -> str:
    return f"model=m-{model} key={key_of(key)};"


def _rekey(scene: Scene, model: int, key: str) -> None:
    """An edit of one model's key, saved and waited for."""
    version = scene.version() + 1
    scene.book.edit(model, api_key=f"os.environ/KEY_{key.upper()}")
    scene.events.of(version, scene.workers)
