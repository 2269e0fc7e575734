"""Our code inside a LiteLLM worker: follows the store (or the config file) and applies the difference.

Two ways in, both named in LiteLLM's own configuration:

- `LITELLM_WORKER_STARTUP_HOOKS=modelctl.hook:startup` (what `modelctl up` sets) runs before LiteLLM
  reads its config, so that the worker boots on what the store holds;
- `litellm_settings.callbacks: [modelctl.hook.handler]` runs while LiteLLM reads its config.

Either alone is enough; the second finds the work of the first done.
"""

from __future__ import annotations

from typing import Any


def startup() -> None:
    """Entry for `LITELLM_WORKER_STARTUP_HOOKS`; never raises, since LiteLLM would refuse to boot."""
    try:
        from modelctl.hook.activate import before_config  # what it lacks of this LiteLLM is logged, not raised
    except ImportError as error:  # another LiteLLM, without something that is imported by name
        from modelctl.hook.log import log  # it adds a handler, which whoever imports us need not want

        log.error("not following; LiteLLM runs on its own config file: %s", error)
        return
    before_config()


def __getattr__(name: str) -> Any:
    """`handler` starts the hook when LiteLLM asks for it, and not whenever somebody imports us."""
    if name != "handler":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from modelctl.hook.activate import while_config_loads  # it imports all of the hook

    return while_config_loads()
