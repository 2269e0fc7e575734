"""Writes src/modelctl/data/litellm_keys.json: which keys LiteLLM knows at each level of a litellm_config.yaml.

    python scripts/extract_litellm_keys.py                       from the LiteLLM installed here
    python scripts/extract_litellm_keys.py --wheels FOLDER       and from earlier releases: keys that once worked
    python scripts/extract_litellm_keys.py --stdout              print, write nothing

LiteLLM is read as text and never imported. Without --wheels the keys that once worked stay as they stand in the file.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from litellm_sections import sections, values
from litellm_source import Source, download, installed, wheel, wheels

TARGET = Path(__file__).parent.parent / "src/modelctl/data/litellm_keys.json"

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
    given = parser.parse_args()
    text = json.dumps(extract(given.wheels), indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    if given.stdout:
        print(text, end="")
    else:
        TARGET.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
