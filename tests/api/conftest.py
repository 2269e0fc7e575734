"""Where the tests' upstream plays the proxy."""

from __future__ import annotations

import pytest

from support.upstream import Upstream


@pytest.fixture
def upstream(own_upstream: Upstream) -> Upstream:
    """It receives what the test sends, nothing else."""
    return own_upstream
