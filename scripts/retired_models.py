"""Writes src/modelctl/litellm_spec/retired_models.json: models that only earlier LiteLLM releases knew.

    python scripts/retired_models.py --wheels FOLDER      missing wheels are downloaded, none is installed

Read are the price maps inside the wheels. `last` is the last release looked at that held the model (they are listed
in the file), `retired` the date that the map gave. `why` is one of
  retired    the map gave a date
  removed    gone without a date, while its provider's other models stayed
  renamed    the same model stands in the installed map under the name given as successor
  delisted   LiteLLM withdrew the whole price list of that provider; the model itself may well be served
Successors are a hand-made table (successors.py).
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

from litellm_source import MAP, download, installed, version_of, wheels
from successors import named, successor

TARGET = Path(__file__).parent.parent / "src/modelctl/litellm_spec/retired_models.json"
Map = dict[str, dict[str, Any]]

# Rows of the map that price something and name no model: picture sizes, size bands, commitments.
NO_MODEL = re.compile(r"\d+-x-\d+/|(standard|hd|low)/|.*-month-commitment/|(together|fireworks)-ai-.*b$|.*/$")
REGION = re.compile(r"/(eu|us|global|global-standard|[a-z]+-[a-z]+-\d)/")
SAME = {"bedrock_converse": "bedrock", "cohere_chat": "cohere", "text-completion-openai": "openai", "palm": "gemini"}
MANY = 100  # a provider that loses as many at once and keeps none was delisted


def family(entry: dict[str, Any]) -> str:
    provider = str(entry.get("litellm_provider", ""))
    return SAME.get(provider, "vertex_ai" if provider.startswith("vertex_ai") else provider)


def bare(name: str, provider: str) -> str:
    return name.removeprefix(f"{provider}/")


def squeezed(name: str) -> str:
    return re.sub(r"[-._@: ]", "", name.rsplit("/", 1)[-1].lower())


def collect(now: Map, earlier: list[tuple[str, Map]]) -> dict[str, dict[str, str | None]]:
    """`earlier` oldest first."""
    last = {name: (version, entry) for version, models in earlier for name, entry in models.items()}
    gone = {name: found for name, found in last.items() if name not in now and not NO_MODEL.match(name)}
    alive = {(family(entry), squeezed(name)): name for name, entry in now.items() if not REGION.search(name)}
    delisted = _delisted(now, gone)
    return {name: _entry(name, *found, alive, delisted=delisted) for name, found in sorted(gone.items())}


def _delisted(now: Map, gone: dict[str, tuple[str, dict[str, Any]]]) -> set[tuple[str, str]]:
    kept = {family(entry) for entry in now.values()}
    lost = [(family(entry), version) for version, entry in gone.values() if family(entry) not in kept]
    return {each for each in lost if lost.count(each) >= MANY}


def _entry(
    name: str, last: str, entry: dict[str, Any], alive: dict[tuple[str, str], str], *, delisted: set[tuple[str, str]]
) -> dict[str, str | None]:
    provider = family(entry)
    ends = entry.get("deprecation_date")
    same = alive.get((provider, squeezed(name)))
    if ends:
        why, instead = "retired", successor(provider, bare(name, provider))
    elif same:
        why, instead = "renamed", same
    elif (provider, last) in delisted:
        why, instead = "delisted", None
    else:
        why, instead = "removed", successor(provider, bare(name, provider))
    return {"provider": provider, "last": last, "why": why, "retired": ends, "successor": instead}


def _fit(entry: dict[str, Any] | None) -> bool:
    return entry is not None and entry.get("deprecation_date", "9999") > date.today().isoformat()


def text_of(models: dict[str, dict[str, str | None]], releases: list[str], version: str) -> str:
    """One model per line; fields that are unknown are left out."""
    lines = (
        f"  {json.dumps(name)}: {json.dumps({key: value for key, value in entry.items() if value})}"
        for name, entry in models.items()
    )
    head = f'{{\n "made_from": "litellm {version}",\n "releases": {json.dumps(releases)},\n "models": {{\n'
    return head + ",\n".join(lines) + "\n }\n}\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wheels", type=Path, required=True, help="folder of wheels of earlier releases")
    folder = parser.parse_args().wheels
    download(folder)
    source = installed()
    now: Map = source.data(MAP)
    if unfit := sorted(name for name in named() if not _fit(now.get(name))):
        sys.exit(f"successors.py names models that LiteLLM {source.version} lacks or calls retired: {unfit}")
    earlier = [(version_of(path), json.loads(zipfile.ZipFile(path).read(MAP))) for path in wheels(folder)]
    models = collect(now, earlier)
    TARGET.write_text(text_of(models, [version for version, _ in earlier], source.version), encoding="utf-8")


if __name__ == "__main__":
    main()
