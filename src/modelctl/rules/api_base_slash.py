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

from modelctl.rules.subject import Found, Subject

SEVERITY = "info"


def entries(subject: Subject) -> Iterator[Found]:
    for entry in subject.entries:
        if entry.api_base and entry.api_base.endswith("/"):
            yield Found(f"`{entry.base_key}` ends with a slash", entry.at("litellm_params", entry.base_key, value=True))


def fix(written: str) -> str | None:
    """The one right spelling of what stands there."""
    return written.rstrip("/") if written.startswith("http") and written.endswith("/") else None
