"""A YAML anchor contains itself.

The value would be endless. LiteLLM's reader goes into it until the process ends.

Before:

    litellm_settings: &all
      metadata: *all

After:

    litellm_settings:
      metadata: {}
"""

from __future__ import annotations

SEVERITY = "error"
FIXED = True
EMITTED_BY = "modelctl.catalog.construct"
