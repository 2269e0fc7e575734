"""The catalog folder cannot be read.

It does not exist or is not readable for this user. `modelctl init` writes one to start from.

Before:

    modelctl check --catalog catlog

After:

    modelctl check --catalog catalog
"""

from __future__ import annotations

SEVERITY = "error"
INPUTS = ("catalog",)
FIXED = True
EMITTED_BY = "modelctl.catalog.folder"
