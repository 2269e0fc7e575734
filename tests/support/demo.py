"""The shipped catalog, with its demo model answered by a control plane of the test's."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

from modelctl import shipped
from modelctl.pipeline import build
from modelctl.project import DEMO_PATH, DEMO_URL
from modelctl.state.desired import DesiredState
from support.api_server import Plane


def demo_plane(folder: Path) -> Plane:
    """A control plane over a copy of the shipped catalog."""
    shutil.copytree(shipped.catalog(), folder / "catalog")
    return Plane(folder / "catalog")


def answered_by(plane: Plane) -> DesiredState:
    """What that control plane publishes, with the default of the demo's address pointing at itself."""
    desired = build(plane.catalog).desired
    assert desired is not None
    return replace(desired, env_defaults={**desired.env_defaults, DEMO_URL: plane.url + DEMO_PATH})
