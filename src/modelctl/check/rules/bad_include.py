"""`include` is not a list of paths.

LiteLLM stops at start. Each path is looked for beside the file that names it.

Before:

    include: models.yaml

After:

    include:
      - models.yaml
"""

from __future__ import annotations

SEVERITY = "error"
INPUTS = ("config",)
EMITTED_BY = "modelctl.configfile.merge_includes"
