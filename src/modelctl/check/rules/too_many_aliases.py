"""YAML aliases expand to millions of values.

A few lines can stand for more than any memory holds. No catalog needs that.

Before:

    a: &a [x, x, x, x, x, x, x, x, x]
    b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]
    c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b]

After:

    a: [x]
"""

from __future__ import annotations

SEVERITY = "error"
FIXED = True
EMITTED_BY = "modelctl.catalog.construct"
