"""Writes src/modelctl/litellm_spec/litellm_keys.json: which keys LiteLLM knows at each level of a litellm_config.yaml.

    python scripts/extract_litellm_keys.py                       from the LiteLLM installed here
    python scripts/extract_litellm_keys.py --wheels FOLDER       and from earlier releases: keys that once worked
    python scripts/extract_litellm_keys.py --stdout              print, write nothing
    python scripts/extract_litellm_keys.py --difference          print what differs from the file (see line_keys.py)

LiteLLM is read as text and never imported. Without --wheels the keys that once worked stay as they stand in the file.
"""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path
from typing import Any

from litellm_sections import sections, values
from litellm_source import PACKAGES, Source, download, installed, wheel, wheels

Known = dict[str, dict[str, str]]
TARGET = Path(__file__).parent.parent / "src/modelctl/litellm_spec/litellm_keys.json"

# Sections of which a key that vanished is worth remembering.
REMEMBERED = ("", "litellm_settings", "general_settings", "router_settings", "litellm_params", "cache_params")


def once(known: dict[str, dict[str, str]], earlier: list[Source]) -> dict[str, dict[str, str]]:
    """Per section: keys that an earlier release knew and this one does not, with the last release that did."""
    found: dict[str, dict[str, str]] = {name: {} for name in REMEMBERED}
    for source in earlier:
        before = sections(source)
        for name in REMEMBERED:
            found[name] |= dict.fromkeys(before[name], source.version)
    return forget(found, known)


def forget(found: dict[str, dict[str, str]], known: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    """Without the keys that this release knows at that place, or as a section of its own."""
    return {
        name: {key: last for key, last in keys.items() if not _known(known, name, key)} for name, keys in found.items()
    }


def _known(known: dict[str, dict[str, str]], section: str, key: str) -> bool:
    return key in known[section] or key in known.get(f"{section} (read)", {}) or key in known[""]


def difference(committed: dict[str, Any]) -> dict[str, Any]:
    """What the installed LiteLLM knows beyond the committed keys, and what it no longer knows.

    A key is gone only where its name stands nowhere in the source: declarations move about more than keys go.
    """
    source = installed()
    names = frozenset(re.findall(r"\w+", "\n".join(text for _, text in source.walk(*PACKAGES))))
    now = sections(source)
    named = {name: dict.fromkeys(known, "") for name, known in values(source).items()}
    base = {name: dict.fromkeys(known, "") for name, known in committed["values"].items()}
    return {
        "made_from": f"litellm {source.version}",
        "sections": _differences(committed["sections"], now, names),
        "values": _differences(base, named, frozenset()),
    }


def _differences(before: Known, after: Known, names: frozenset[str]) -> dict[str, dict[str, Any]]:
    found = {}
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name, {}), after.get(name, {})
        read = {**before.get(f"{name} (read)", {}), **before.get(name.removesuffix(" (read)"), {})}
        come = {key: kind for key, kind in new.items() if key not in old and key not in read}
        gone = sorted(key for key in old if key not in new and key not in names)
        if come or gone:
            found[name] = {"gone": gone, "new": come}
    return found


def extract(folder: Path | None) -> dict[str, object]:
    source = installed()
    known = sections(source)
    if folder is not None:
        download(folder)
        gone = once(known, [wheel(path) for path in wheels(folder)])
    else:
        gone = forget(json.loads(TARGET.read_text())["once"], known)
    return {"made_from": f"litellm {source.version}", "once": gone, "sections": known, "values": values(source)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wheels", type=Path, help="folder of wheels of earlier releases; missing ones are downloaded")
    parser.add_argument("--stdout", action="store_true", help="print instead of writing the file")
    parser.add_argument("--difference", action="store_true", help="print what differs from the file")
    given = parser.parse_args()
    if given.difference:
        return print(json.dumps(difference(json.loads(TARGET.read_text(encoding="utf-8"))), sort_keys=True))
    text = json.dumps(extract(given.wheels), indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    if given.stdout:
        print(text, end="")
    else:
        TARGET.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
