"""A worker start-up hook of the tests' own: takes an internal away, as a LiteLLM of another version would."""

from __future__ import annotations


def without_budget_sync() -> None:
    """LiteLLM itself does without this one at boot."""
    from litellm import Router

    del Router._sync_deployment_budget_config
