"""Reloads and selections under sixteen connections, a quarter of them streams: nobody notices but by the answer."""

from __future__ import annotations

import os
from pathlib import Path

from support.litellm_stack import Stack
from support.load import Load
from support.models import key_of, upstream_model
from support.timeline import Timeline, mixed, wrong

TARGETS = [f"target-{number}" for number in range(6)]
CHANGES = int(os.environ.get("CHANGES", "200"))  # `make soak` asks for more


def words(model: str, key: str) -> str:
    return f"model={model} key={key};"


def test_reloads_and_selections_under_load(stack: Stack, tmp_path: Path) -> None:
    stack.add(*(upstream_model(name, "KEY_ALPHA") for name in TARGETS))
    stack.upstream.behave("*", seconds=0.3, pieces=4)
    keys = dict.fromkeys(TARGETS, "alpha")
    timeline = Timeline(words("alpha", key_of("alpha")))
    urls = [client.url for client in stack.clients]
    with Load(tmp_path, urls, connections=16, stream_every=4) as load:
        for number in range(CHANGES):
            target = TARGETS[number % len(TARGETS)]
            with timeline.change(words(target, key_of(keys[target]))):
                stack.point(target)
            load.wait_until_count(load.count() + 2)
            keys[target] = "spare" if keys[target] == "alpha" else "alpha"
            with timeline.change(words(target, key_of(keys[target]))):
                rekey(stack, target, keys[target])
            load.wait_until_count(load.count() + 2)
    assert len(load.samples) > 4 * CHANGES
    assert [load.failed, mixed(load.samples), wrong(load.samples, timeline)] == [[], [], []]
    assert len({sample.text for sample in load.samples}) > 2 * len(TARGETS)


def rekey(stack: Stack, target: str, key: str) -> None:
    """An edit of one model: the old deployment goes, the new one comes, in one publish."""
    others = [each for each in stack.desired.deployments.values() if each.group != target]
    new = upstream_model(target, f"KEY_{key.upper()}")
    stack.publish_deployments([*others, new])
