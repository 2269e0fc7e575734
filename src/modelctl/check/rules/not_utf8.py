"""The file is not UTF-8.

An editor has saved it in another encoding. Save it as UTF-8.

Before (in Latin-1):

    description: schnell und g\xfcnstig

After:

    description: schnell und günstig
"""

from __future__ import annotations

SEVERITY = "error"
FIXED = True
EMITTED_BY = "modelctl.catalog.parse"
