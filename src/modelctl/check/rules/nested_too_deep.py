"""Lists and mappings are nested deeper than 64 levels.

No config is; a file that is would exhaust the reader. Usually brackets were not closed.

Before:

    a: [[[[[[[[ ... ]]]]]]]]

After:

    a: []
"""

from __future__ import annotations

SEVERITY = "error"
FIXED = True
EMITTED_BY = "modelctl.catalog.parse"
