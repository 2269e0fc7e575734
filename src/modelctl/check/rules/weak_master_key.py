"""The master key is one that everybody knows, or empty.

LiteLLM refuses to start with the key of its own documentation, and with an empty one. Any short or guessable key gives
whoever guesses it all models and all other keys.

Before:

    general_settings:
      master_key: sk-1234

After:

    general_settings:
      master_key: os.environ/LITELLM_MASTER_KEY
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from modelctl.check.found import Found
from modelctl.check.subject import Subject

SEVERITY = "error"
KNOWN = frozenset({"88dc28d0f030c55ed4ab77ed8faf098196cb1c05df778539800c9f1243fe6b4b"})
_SHORTEST = 16


def whole(subject: Subject) -> Iterator[Found]:
    general = subject.section("general_settings")
    key = general.get("master_key")
    if not isinstance(key, str) or key.startswith("os.environ/") or "$" in key or "{{" in key:
        return
    spot = subject.at("general_settings", "master_key", value=True)
    hint = "os.environ/LITELLM_MASTER_KEY"
    if not key.strip() or hashlib.sha256(key.strip().encode()).hexdigest() in KNOWN:
        permitted = general.get("dangerously_permit_weak_or_unset_master_key") is True
        text = "everybody knows this master key" if key.strip() else "the master key is empty"
        tail = "" if permitted else ": LiteLLM refuses to start"
        yield Found(f"{text}{tail}", spot, hint, "warning" if permitted else None)
    elif len(key) < _SHORTEST:
        yield Found(f"a master key of fewer than {_SHORTEST} characters can be guessed", spot, hint, "warning")
