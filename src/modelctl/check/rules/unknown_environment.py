"""The environment that was asked for has no overlay.

`--env NAME` reads `environments/NAME.yaml` of the catalog; without that file nothing would tell the environments apart.

Before:

    modelctl check --env production    # the catalog has environments/prod.yaml

After:

    modelctl check --env prod
"""

from __future__ import annotations

SEVERITY = "error"
INPUTS = ("catalog",)
EMITTED_BY = "modelctl.catalog.folder"
