"""Whether an answer is what the OpenAPI promises."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter


def fits(shape: Any, value: Any) -> bool:
    """Nothing missing, nothing more than promised, nothing of another type."""
    adapter = TypeAdapter(shape)
    shown = adapter.dump_python(adapter.validate_python(value, strict=True), exclude_unset=True)
    return bool(shown == value)
