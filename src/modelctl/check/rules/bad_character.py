"""A character that YAML does not allow stands in the file.

Control characters come in by copying from terminals and web pages. They are invisible in most editors; the place says
where to look. Remove it, or write it as an escape within double quotes.

Before (with a byte of value 7 after the word):

    description: fast<BEL>

After:

    description: fast
"""

from __future__ import annotations

SEVERITY = "error"
FIXED = True
EMITTED_BY = "modelctl.catalog.parse"
