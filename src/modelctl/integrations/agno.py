"""Agno: a model that follows a route, and our API on AgentOS's origin.

    from agno.agent import Agent
    from modelctl.integrations.agno import active_model

    agent = Agent(model=active_model())              # the route `active`
    planner = Agent(model=active_model("planner"))   # a route of its own

Code that says `LiteLLM(id="gpt-4o")` follows the selection with one changed import: take LiteLLM from here.

The agent is never told of a switch: the proxy answers its next message with the other model.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from modelctl import project
from modelctl.errors import ModelctlError
from modelctl.integrations.origin import mount
from modelctl.system.state_folder import master_key

if find_spec("agno") is None:
    raise ImportError("modelctl.integrations.agno needs agno: pip install 'modelctl[agno]'")

if TYPE_CHECKING:
    from agno.models.litellm import LiteLLMOpenAI

__all__ = ["LiteLLM", "active_model", "mount"]


def active_model(
    route: str = "active", *, base_url: str | None = None, api_key: str | None = None, **kwargs: object
) -> LiteLLMOpenAI:
    """A model for an Agno agent or team that asks the proxy for `route`. `kwargs` go to LiteLLMOpenAI.

    `base_url` defaults to MODELCTL_PROXY, else to where this project's `modelctl up` runs, else to port 4000 here.
    `api_key` defaults to LITELLM_API_KEY (a virtual key), else to LITELLM_MASTER_KEY, else to the key that `up` made
    for this project. Raises ModelctlError where there is none.
    """
    state = project.resolve().state
    key = api_key or project.environment().get("LITELLM_API_KEY") or master_key(state)
    if not key:
        raise ModelctlError(
            "there is no key for the proxy: pass api_key, set LITELLM_API_KEY or LITELLM_MASTER_KEY, "
            "or start from the folder of a project in which `modelctl up` has run"
        )
    with _no_download():
        from agno.models.litellm import LiteLLMOpenAI  # it imports LiteLLM, within the guard

    return LiteLLMOpenAI(id=route, base_url=_with_version(base_url or project.proxy_url(state)), api_key=key, **kwargs)


def LiteLLM(
    id: str = "", *, route: str = "active", api_base: str | None = None, api_key: str | None = None, **kwargs: Any
) -> LiteLLMOpenAI:
    """In the place of `agno.models.litellm.LiteLLM`: asks the proxy for `route`, whatever `id` says.

    `id` is what the code asked for before it followed the selection; nothing sends it.
    """
    return active_model(route, base_url=kwargs.pop("base_url", None) or api_base, api_key=api_key, **kwargs)


def _with_version(url: str) -> str:
    return f"{url.rstrip('/').removesuffix('/v1')}/v1"


@contextmanager
def _no_download() -> Iterator[None]:
    """Agno's module imports litellm, which fetches a price list unless told not to; nothing here needs one."""
    name = "LITELLM_LOCAL_MODEL_COST_MAP"
    if os.environ.get(name):
        yield
        return
    os.environ[name] = "True"
    try:
        yield
    finally:
        os.environ.pop(name, None)
