"""`api_base` ends with a slash.

LiteLLM joins it with what follows as text; some providers' code then asks for `//chat/completions`, which strict
servers answer with 404. Without the slash it is right everywhere. `check --fix` takes it away.

Before:

    litellm_params:
      api_base: https://models.example/v1/

After:

    litellm_params:
      api_base: https://models.example/v1
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from yaml.nodes import Node, ScalarNode

from modelctl.check.found import Found
from modelctl.check.subject import Subject

if TYPE_CHECKING:
    from modelctl.check.fixable import At

SEVERITY = "info"


def entries(subject: Subject) -> Iterator[Found]:
    for entry in subject.entries:
        if entry.api_base and entry.api_base.endswith("/"):
            yield Found(f"`{entry.base_key}` ends with a slash", entry.at("litellm_params", entry.base_key, value=True))


def fix(at: At) -> tuple[Node, str] | None:
    if not isinstance(at.node, ScalarNode) or not at.node.value.startswith("http") or at.node.style in ("|", ">"):
        return None
    written = at.written(at.node)
    quote = written[-1] if written[-1] in "'\"" else ""
    return at.node, written.removesuffix(quote).rstrip("/") + quote
