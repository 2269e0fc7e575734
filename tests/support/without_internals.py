"""A worker start-up hook of the tests' own: takes an internal away, as a LiteLLM of another version would."""

from __future__ import annotations

NAMES = ("Router._sync_deployment_budget_config", "litellm.router_rust.surface.registry.HostRegistry.add_deployment")


def without_a_member() -> None:
    """Of either kind of Router one that LiteLLM itself does without at boot."""
    from litellm import Router

    if hasattr(Router, "_sync_deployment_budget_config"):
        owner = getattr(Router, "_core_class", Router)  # 1.109 has a front for the class that holds it
        del owner._sync_deployment_budget_config
    else:
        from litellm.router_rust.surface.registry import HostRegistry

        del HostRegistry.add_deployment
