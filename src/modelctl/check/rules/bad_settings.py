"""modelctl.yaml (or `[tool.modelctl]`) says something that is no setting.

The settings are `severities`, `other_keys`, `required_tags`, `allowed_providers`, `max_price` and `name_pattern`.

Before:

    severity: {retired-model: error}

After:

    severities: {retired-model: error}
"""

from __future__ import annotations

SEVERITY = "error"
FIXED = True
EMITTED_BY = "modelctl.check.read_policy"
