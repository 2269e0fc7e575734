"""A file in the catalog has a name that nothing reads.

A catalog has routes.yaml, proxy.yaml and presets.yaml beside `providers/`.

Before:

    catalog/route.yaml

After:

    catalog/routes.yaml
"""

from __future__ import annotations

SEVERITY = "warning"
INPUTS = ("catalog",)
EMITTED_BY = "modelctl.catalog.folder"
