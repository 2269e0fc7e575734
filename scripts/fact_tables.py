"""Write what `litellm_spec/facts.py` says of models into the files that hold a copy: between two markers in each.

`python scripts/fact_tables.py [--check]`
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from pydantic import BaseModel

from modelctl.litellm_spec.facts import CAPABILITIES, FACTS, SHOWN
from modelctl.litellm_spec.modes import CHAT_MODES

ROOT = Path(__file__).parents[1] / "src" / "modelctl"
PYTHON = {"text": "str", "count": "int", "flag": "bool"}
TYPESCRIPT = {"text": "string", "count": "number", "flag": "boolean"}
MARKED = re.compile(
    r"(?P<start>^ *(?:#|//) <made by scripts/fact_tables\.py>\n).*?(?P<end>^ *(?:#|//) </made>\n)", re.DOTALL | re.M
)


def catalog_keys() -> Iterator[str]:
    """Of a model in a catalog."""
    for name in CAPABILITIES.values():
        yield f"    {name}: bool | None = None"
        yield f'    """{FACTS[name].about}"""'


def required_keys() -> Iterator[str]:
    """Of a route's `requires`; pydantic has methods that some keys are called like."""
    for key, name in CAPABILITIES.items():
        field = (
            f'{key}_: Annotated[bool | None, Field(alias="{key}")]'
            if hasattr(BaseModel, key)
            else f"{key}: bool | None"
        )
        yield f"    {field} = None"
        yield f'    """{FACTS[name].about}"""'


def answered_keys() -> Iterator[str]:
    """Of a model in the API's answers."""
    yield from (f"    {name}: {PYTHON[row.kind]} | None" for name, row in FACTS.items())


def typescript_keys() -> Iterator[str]:
    """The same for TypeScript."""
    yield from (f"  {name}: {TYPESCRIPT[row.kind]} | null" for name, row in FACTS.items())


def page_tables() -> Iterator[str]:
    """What the page and front ends show."""
    yield "/** Capability -> the API's field and a word for people. */"
    yield "export const CAPABILITIES = Object.freeze("
    yield "  /** @type {const} */ ({"
    yield from (f'    {key}: ["{name}", "{FACTS[name].label}"],' for key, name in CAPABILITIES.items())
    yield "  }),"
    yield ");"
    names = ", ".join(f'"{key}"' for key in SHOWN)
    yield "/** In the order in which they are shown. */"
    yield f"export const CAPABILITY_NAMES = /** @type {{const}} */ ([{names}]); // prettier-ignore"
    modes = ", ".join(f'"{mode}"' for mode in CHAT_MODES)
    yield f"const CHAT = new Set([{modes}]);"


COPIES: dict[str, Callable[[], Iterator[str]]] = {
    "catalog/schema.py": catalog_keys,
    "catalog/schema_tops.py": required_keys,
    "service/answer_types.py": answered_keys,
    "clients/model-types.d.ts": typescript_keys,
    "clients/model-facts.js": page_tables,
}


def current(text: str, make: Callable[[], Iterator[str]]) -> str:
    lines = "".join(f"{line}\n" for line in make())
    made, number = MARKED.subn(lambda found: found["start"] + lines + found["end"], text)
    assert number == 1, "the markers are missing"
    return made


def main() -> int:
    stale = 0
    for name, make in COPIES.items():
        file = ROOT / name
        written = file.read_text(encoding="utf-8")
        wanted = current(written, make)
        if written != wanted and "--check" in sys.argv:
            print(f"src/modelctl/{name} is not what litellm_spec/facts.py says; run `make docs`", file=sys.stderr)
            stale = 1
        elif written != wanted:
            file.write_text(wanted, encoding="utf-8")
    return stale


if __name__ == "__main__":
    sys.exit(main())
