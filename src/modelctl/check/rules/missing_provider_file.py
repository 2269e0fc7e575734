"""A folder of models has no provider beside it.

`providers/mistral/*.yaml` are models of the provider that `providers/mistral.yaml` describes.

Before:

    catalog/providers/mistral/large.yaml

After:

    catalog/providers/mistral.yaml
    catalog/providers/mistral/large.yaml
"""

from __future__ import annotations

SEVERITY = "error"
INPUTS = ("catalog",)
EMITTED_BY = "modelctl.catalog.folder"
