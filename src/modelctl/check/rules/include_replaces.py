"""An included file takes the place of a whole section.

LiteLLM joins lists (`model_list`), but a mapping of an included file replaces the one that was there: a
`router_settings` with one key in it erases all others. Keep each section in one file.

Before:

    # litellm_config.yaml
    include: [routing.yaml]
    router_settings: {num_retries: 5}
    # routing.yaml
    router_settings: {routing_strategy: least-busy}

After:

    # litellm_config.yaml
    include: [routing.yaml]
    # routing.yaml
    router_settings: {num_retries: 5, routing_strategy: least-busy}
"""

from __future__ import annotations

SEVERITY = "warning"
INPUTS = ("config",)
EMITTED_BY = "modelctl.configfile.merge_includes"
