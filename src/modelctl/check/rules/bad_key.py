"""A key is not text.

YAML 1.1 reads `4.1` as a number, `on` and `no` as true and false, `~` as nothing. LiteLLM then looks for a model of
another name than was meant, or stops. Quote it; `check --fix` does where it is a plain number or word.

Before:

    models:
      4.1: {}

After:

    models:
      "4.1": {}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from yaml.nodes import Node

    from modelctl.check.fixable import At

SEVERITY = "error"
EMITTED_BY = "modelctl.catalog.construct"


def fix(at: At) -> tuple[Node, str] | None:
    written = at.plain(at.node)
    return (at.node, f'"{written}"') if written and at.following is not None and '"' not in written else None
