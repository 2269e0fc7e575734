"""The build that a command works on: the project's catalog, from the cache where it was seen before."""

from __future__ import annotations

from modelctl.pipeline import Build, build
from modelctl.project import Settings, cache_folder, need_catalog


def built(settings: Settings) -> Build:
    """Raises ModelctlError where there is no catalog."""
    return build(need_catalog(settings), cache_folder(), settings.environment)
