"""A file is larger than 16 MB.

No catalog or config of models is that large; reading one would take a worker's memory. Usually another file has got its
name.

Before:

    catalog/providers/openai.yaml (50 MB)

After:

    catalog/providers/openai.yaml (a few hundred KB at most)
"""

from __future__ import annotations

SEVERITY = "error"
FIXED = True
EMITTED_BY = "modelctl.catalog.folder"
