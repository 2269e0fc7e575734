"""How many examples the property tests draw: `make fuzz` asks for many more, `make quick` for a tenth."""

from __future__ import annotations

import os

MANY = float(os.environ.get("MANY", "1"))


def examples(count: int) -> int:
    return max(5, int(count * MANY))
