"""An Azure deployment does not say which model it is.

On Azure the model string holds the name that somebody gave to the deployment, so LiteLLM cannot tell price, context
window or abilities: calls count as free, and checks before the call are blind. `base_model` says it.

Before:

    model_list:
      - model_name: gpt
        litellm_params: {model: azure/my-deployment, api_base: os.environ/AZURE_API_BASE}

After:

    model_list:
      - model_name: gpt
        litellm_params: {model: azure/my-deployment, api_base: os.environ/AZURE_API_BASE}
        model_info: {base_model: azure/gpt-6-luna}
"""

from __future__ import annotations

from collections.abc import Iterator

from modelctl.check.found import Found
from modelctl.check.subject import Subject
from modelctl.litellm_spec.price_map import UNKNOWN

SEVERITY = "warning"


def entries(subject: Subject) -> Iterator[Found]:
    for entry in subject.entries:
        if (
            not entry.doubtful
            and entry.provider == "azure"
            and entry.facts is UNKNOWN
            and not entry.base_model
            and not entry.wildcard
        ):
            if any("_cost" in key for key in (*entry.params, *entry.info)):
                continue
            text = "LiteLLM cannot tell which model this Azure deployment is: calls count as free"
            hint = "base_model: azure/MODEL" if subject.kind == "catalog" else "model_info: {base_model: azure/MODEL}"
            yield Found(text, entry.at("litellm_params", "model", value=True), hint)
