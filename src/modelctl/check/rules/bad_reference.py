"""A reference to the environment has a form that LiteLLM does not resolve.

LiteLLM knows `os.environ/NAME` as a whole value, and nothing else: `${NAME}`, `$NAME`, `{{ env.NAME }}` and a reference
within a longer text are handed to the provider as they stand. In a config file that another tool fills in first
(envsubst, Helm, Flux) the shell's form is right: suppress the rule there. In a catalog it is an error.

Before:

    litellm_params:
      api_key: ${OPENAI_API_KEY}

After:

    litellm_params:
      api_key: os.environ/OPENAI_API_KEY
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from modelctl.check import secrets
from modelctl.check.found import Found, Spot
from modelctl.check.subject import Subject

if TYPE_CHECKING:
    from yaml.nodes import Node

    from modelctl.check.fixable import At

SEVERITY = "error"
EMITTED_BY = "modelctl.check.secrets"


def entries(subject: Subject) -> Iterator[Found]:
    for spot, finding in secrets.of_entries(subject):
        if finding.rule == "bad-reference":
            yield Found(finding.text, spot, finding.hint, "warning")


def documents(subject: Subject) -> Iterator[Found]:
    for spot, finding in secrets.of_documents(subject):
        if finding.rule == "bad-reference":
            yield Found(finding.text, spot, finding.hint, beside=True)


def whole(subject: Subject) -> Iterator[Found]:
    yield from documents(subject)
    for spot, finding in secrets.of_sections(subject):
        if finding.rule == "bad-reference":
            yield Found(finding.text, spot, finding.hint, "error" if _ends_the_start(spot) else "warning")


def _ends_the_start(spot: Spot) -> bool:
    """Callbacks are loaded by name."""
    return isinstance(spot.path[-1], int) and str(spot.path[-2]).endswith(("callback", "callbacks"))


_SHELL = re.compile(r"\$(?:\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*))")


def fix(at: At) -> tuple[Node, str] | None:
    """In a catalog, which no other tool fills in (a config file may be a template: there it is only a warning)."""
    match = _SHELL.fullmatch(str(at.node.value)) if at.severity == "error" else None
    return (at.node, f"os.environ/{match[1] or match[2]}") if match else None
