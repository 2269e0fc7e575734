"""Writes src/modelctl/litellm_spec/litellm_start.json: which kinds of value each setting takes when LiteLLM starts.

    python scripts/start_kinds.py                       every key that LiteLLM declares, on the LiteLLM installed here
    python scripts/start_kinds.py --key general_settings.alerting    one key, printed
    python scripts/start_kinds.py --check                            whether the file still says what LiteLLM does

LiteLLM's own loader reads a config with one value after the other, each in a forked process, so that nothing stays.
A kind is refused where the loader raises on every sample of it, and raises because of the kind: a file that is not
there or a licence that is missing says nothing of it. A kind that the source declares is never refused: the sample may
only have been a wrong one of it. Keys of which every kind is taken are left out. Some minutes.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import logging
import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from modelctl.litellm_spec import known_keys
from modelctl.litellm_spec.supported_lines import installed

TARGET = Path(__file__).parents[1] / "src/modelctl/litellm_spec/litellm_start.json"
SECTIONS = ("", "general_settings", "litellm_settings", "router_settings", "cache_params")
SAMPLES: dict[str, tuple[Any, ...]] = {
    "bool": (True,),
    "int": (-1, 7),
    "float": (1.5,),
    "digits": ("5",),
    "str": ("abc",),
    "list": (["abc"], [1]),
    "dict": ({"a": 1}, {"a": "b"}),
}
# What would be reached over the network, and what starts a cache or a database.
NOT_TRIED = {"cache", "background_health_checks"}
NOT_WORDS = {"url", "host", "database", "prisma", "db", "redis"}
OF_THE_KIND = ("TypeError", "AttributeError", "ValidationError", "ValueError", "KeyError")
NO_NUMBER = ("ValueError: could not convert", "ValueError: invalid literal")
OTHER_REASONS = ("enterprise", "premium", "license", "not found", "no running event loop")
TIME = 20  # seconds for one start


def tried(section: str, key: str) -> dict[str, str]:
    """Each kind: empty where LiteLLM took a sample of it, else what it raised."""
    if not _start(section, key, *itertools.chain(*SAMPLES.values())):
        return dict.fromkeys(SAMPLES, "")  # most keys: nothing raised, one after the other in one process
    return {kind: min((_start(section, key, each) for each in samples), key=len) for kind, samples in SAMPLES.items()}


def taken(section: str, key: str, found: dict[str, str]) -> list[str]:
    """The kinds that are taken, empty where nothing can be said: all of them, or none."""
    declared = known_keys.type_of(section, key)
    kinds = [kind for kind, raised in found.items() if kind in declared or not _because_of_kind(kind, raised)]
    return kinds if 0 < len(kinds) < len(SAMPLES) else []


def _because_of_kind(kind: str, raised: str) -> bool:
    if kind in ("str", "digits") and raised.startswith("ValueError") and not raised.startswith(NO_NUMBER):
        return False  # a text that names nothing
    return raised.startswith(OF_THE_KIND) and not any(word in raised.lower() for word in OTHER_REASONS)


def _start(section: str, key: str, *values: Any) -> str:
    """What the first value at which LiteLLM does not start makes it raise; in a process of its own."""
    ours, theirs = os.pipe()
    if (pid := os.fork()) == 0:
        os.close(ours)
        raised = next(filter(None, (_loaded(config(section, key, value)) for value in values)), "")
        os.write(theirs, raised.encode()[:500])
        os._exit(0)
    os.close(theirs)
    with os.fdopen(ours, "rb") as pipe:
        raised = pipe.read().decode()
    _, status = os.waitpid(pid, 0)
    return f"ended: {status}" if status else raised


def config(section: str, key: str, value: Any) -> dict[str, Any]:
    entry = {"model_name": "m", "litellm_params": {"model": "openai/gpt", "api_key": "sk-1"}}
    found: dict[str, Any] = {"model_list": [entry], "general_settings": {"master_key": "sk-12345678-abcdefgh"}}
    if section == "cache_params":
        found["litellm_settings"] = {"cache": True, "cache_params": {"type": "local", key: value}}
    elif section:
        found.setdefault(section, {})[key] = value
    else:
        found[key] = value
    return found


def _loaded(written: dict[str, Any]) -> str:
    """Empty, or what LiteLLM's loader raised."""
    from litellm.proxy import proxy_server

    signal.alarm(TIME)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        yaml.safe_dump(written, file)
        file.flush()
        try:
            asyncio.run(proxy_server.proxy_config.load_config(router=None, config_file_path=file.name))
        except BaseException as error:  # `exit()` too
            return f"{type(error).__name__}: {' '.join(str(error).split())}"
    return ""


def everything() -> Iterator[tuple[str, str, list[str]]]:
    for section in SECTIONS:
        for key in sorted(known_keys.declared_keys(section) - {"model_list", "include"}):
            print(f"{section or 'top'}: {key}", file=sys.stderr)
            if (
                key not in NOT_TRIED
                and NOT_WORDS.isdisjoint(key.split("_"))
                and (kinds := taken(section, key, tried(section, key)))
            ):
                yield section, key, kinds


def otherwise() -> Iterator[str]:
    for section, keys in json.loads(TARGET.read_text(encoding="utf-8"))["sections"].items():
        for key, kinds in keys.items():
            if (now := "|".join(taken(section, key, tried(section, key)))) != kinds:
                yield f"{section}.{key}: {kinds} in the file, {now} now"


def quietly() -> None:
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    import litellm.proxy.proxy_server  # noqa: F401  # once, before the forks

    logging.disable(logging.CRITICAL)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--key", action="append", default=[], help="SECTION.KEY, printed")
    parser.add_argument("--check", action="store_true", help="the keys of the file again: what is otherwise now")
    given = parser.parse_args()
    quietly()
    if given.check:
        sys.exit("\n".join(otherwise()) or 0)
    for each in given.key:
        section, _, key = each.rpartition(".")
        found = tried(section, key)
        print(json.dumps({each: {"taken": taken(section, key, found), "raised": found}}, indent=1))
    if not given.key:
        sections: dict[str, dict[str, str]] = {}
        for section, key, kinds in everything():
            sections.setdefault(section, {})[key] = "|".join(kinds)
        text = json.dumps({"made_from": f"litellm {installed()}", "sections": sections}, indent=1, sort_keys=True)
        TARGET.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
