"""Whether the committed config is what the catalog renders to."""

from __future__ import annotations

from modelctl.build.rendering import render_text
from modelctl.errors import ModelctlError
from modelctl.project import Settings
from modelctl.state.desired import DesiredState
from modelctl.system.file_stamp import Glance, glance


class Rendered:
    """None where it cannot be told. Renders again only when either changed."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._seen: tuple[str, Glance] | None = None
        self._current: bool | None = None

    def __call__(self, desired: DesiredState) -> bool | None:
        try:
            status = self._settings.rendered.stat()
        except OSError:
            return False
        before = self._seen
        seen = (desired.revision, glance(status, before[1] if before else None))
        if before is None or seen[0] != before[0] or seen[1] is not before[1]:
            self._seen, self._current = seen, self._compare(desired)
        return self._current

    def _compare(self, desired: DesiredState) -> bool | None:
        try:
            return self._settings.rendered.read_text(encoding="utf-8") == render_text(desired, self._settings.template)
        except (OSError, UnicodeDecodeError, ModelctlError):
            return None
