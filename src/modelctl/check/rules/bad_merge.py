"""`<<` is given something that cannot be merged.

It takes a mapping, or a list of mappings, usually by alias.

Before:

    x-base: &base fast
    gpt:
      <<: *base

After:

    x-base: &base {rpm: 100}
    gpt:
      <<: *base
"""

from __future__ import annotations

SEVERITY = "error"
EMITTED_BY = "modelctl.catalog.construct"
