"""An included file does not exist here.

LiteLLM does not start without it. It may be made where the proxy runs; then what it holds is not checked, and names
that are not known may stand in it.

Before:

    include: [models-of-production.yaml]

After (with the file beside this one):

    include: [models-of-production.yaml]
"""

from __future__ import annotations

SEVERITY = "warning"
INPUTS = ("config",)
EMITTED_BY = "modelctl.configfile.merge_includes"
