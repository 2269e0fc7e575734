"""Writes src/modelctl/litellm_spec/litellm_keys_by_line.json: what other lines of LiteLLM know and do not.

    python scripts/line_keys.py          every line of the table, in its own environment (see line_environment.py)

The keys of the pinned line are extract_litellm_keys.py's; run that first.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from line_environment import ensure

from modelctl.litellm_spec.supported_lines import Line, lines

HERE = Path(__file__).parent
TARGET = HERE.parent / "src/modelctl/litellm_spec/litellm_keys_by_line.json"


def difference(python: Path) -> dict[str, Any]:
    """Of the LiteLLM beside that interpreter."""
    command = [str(python), str(HERE / "extract_litellm_keys.py"), "--difference"]
    found: dict[str, Any] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return found


def others() -> list[Line]:
    return [line for line in lines() if "pinned" not in line.roles]


def text_of(found: dict[str, Any]) -> str:
    """One section of a line on one line of the file."""
    blocks = []
    for name, keys in found.items():
        rows = [f"  {json.dumps(part)}: {{{_rows(keys[part])}}}" for part in ("sections", "values")]
        blocks.append(f' "{name}": {{\n  "made_from": {json.dumps(keys["made_from"])},\n' + ",\n".join(rows) + "\n }")
    return "{\n" + ",\n".join(blocks) + "\n}\n"


def _rows(sections: dict[str, Any]) -> str:
    rows = [f"   {json.dumps(name)}: {json.dumps(change, sort_keys=True)}" for name, change in sections.items()]
    return "\n" + ",\n".join(rows) + "\n  " if rows else ""


def main() -> None:
    found = {line.name: difference(ensure(line)) for line in others()}
    TARGET.write_text(text_of(found), encoding="utf-8")
    print(f"{TARGET.name}: {', '.join(found)}", file=sys.stderr)


if __name__ == "__main__":
    main()
