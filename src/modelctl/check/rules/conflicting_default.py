"""Two providers give one variable different defaults.

A process has one environment: which of the two would count depends on order.

Before:

    # providers/one.yaml
    env_defaults: {BASE_URL: "http://one:8000"}
    # providers/two.yaml
    env_defaults: {BASE_URL: "http://two:8000"}

After:

    # providers/one.yaml
    env_defaults: {ONE_BASE_URL: "http://one:8000"}
    # providers/two.yaml
    env_defaults: {TWO_BASE_URL: "http://two:8000"}
"""

from __future__ import annotations

SEVERITY = "error"
INPUTS = ("catalog",)
EMITTED_BY = "modelctl.check.of_catalog"
