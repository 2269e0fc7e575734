"""The file is no LiteLLM config.

A config is a mapping with a list under `model_list`. LiteLLM stops at start, or starts without models. A manifest
of Kubernetes, the values of a Helm chart and a Docker Compose file may hold a config, to be checked by itself.

Before:

    - model_name: gpt
      litellm_params: {model: openai/gpt-6-luna}

After:

    model_list:
      - model_name: gpt
        litellm_params: {model: openai/gpt-6-luna}
"""

from __future__ import annotations

SEVERITY = "error"
INPUTS = ("config",)
FIXED = True
EMITTED_BY = "modelctl.configfile.other_kinds"
