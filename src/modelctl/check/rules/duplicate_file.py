"""Two files of a catalog differ in their ending alone.

`openai.yaml` and `openai.yml` would be one provider. Keep one.

Before:

    catalog/providers/openai.yaml
    catalog/providers/openai.yml

After:

    catalog/providers/openai.yaml
"""

from __future__ import annotations

SEVERITY = "error"
INPUTS = ("catalog",)
EMITTED_BY = "modelctl.catalog.folder"
