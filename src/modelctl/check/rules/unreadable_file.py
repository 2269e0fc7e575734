"""A file cannot be read.

It is a folder, a link to nothing, or not readable for this user.

Before:

    catalog/routes.yaml -> /nowhere

After:

    catalog/routes.yaml
"""

from __future__ import annotations

SEVERITY = "error"
FIXED = True
EMITTED_BY = "modelctl.catalog.folder"
