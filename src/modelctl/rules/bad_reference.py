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

from collections.abc import Iterator

from modelctl.rules import secrets
from modelctl.rules.subject import Found, Subject

SEVERITY = "error"


def entries(subject: Subject) -> Iterator[Found]:
    for spot, finding in secrets.of_entries(subject):
        if finding.rule == "bad-reference":
            yield Found(finding.text, spot, finding.hint, "warning")


def whole(subject: Subject) -> Iterator[Found]:
    for spot, finding in secrets.of_sections(subject):
        if finding.rule == "bad-reference":
            yield Found(finding.text, spot, finding.hint, "warning")
