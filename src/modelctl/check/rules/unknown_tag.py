"""A YAML tag (`!name`) is not understood.

Tags of Python's or of other tools make objects or run code; a config has no use for them.

Before:

    api_key: !secret openai

After:

    api_key: os.environ/OPENAI_API_KEY
"""

from __future__ import annotations

SEVERITY = "error"
EMITTED_BY = "modelctl.catalog.construct"
