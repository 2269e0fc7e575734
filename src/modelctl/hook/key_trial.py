"""Tries a new key before it is used: one request of one token, by LiteLLM, to a deployment that would take it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from typing import Any, Literal

import litellm

from modelctl.hook.variables import PREFIX, references
from modelctl.state.desired import Deployment

Outcome = Literal["taken", "refused", "silent"]
PATIENCE_S = 15.0
# What decides where a request goes and who sends it; rates, weights and costs are the Router's.
_TAKEN = re.compile(
    r"(model|base_url|organization|extra_headers|custom_llm_provider|region_name|project|timeout|mock_response)|"
    r"(api_|aws_|vertex_|azure_|tenant_|client_|watsonx_|oci_|databricks_).*"
)
_SAYS_NO = re.compile(r"api key not valid|(invalid|incorrect) api key|API_KEY_INVALID", re.IGNORECASE)
_ASKS: dict[str | None, tuple[str, Mapping[str, Any]]] = {
    None: ("acompletion", {"messages": [{"role": "user", "content": "hi"}], "max_tokens": 1}),
    "chat": ("acompletion", {"messages": [{"role": "user", "content": "hi"}], "max_tokens": 1}),
    "completion": ("atext_completion", {"prompt": "hi", "max_tokens": 1}),
    "embedding": ("aembedding", {"input": ["hi"]}),
}


def can_be_asked(deployment: Deployment, variable: str) -> bool:
    """Whether a request to it shows if the key in the variable is any good."""
    named = {name for _, name in references(deployment.params)}
    return variable in named and deployment.info.get("mode") in _ASKS and "*" not in str(deployment.params.get("model"))


async def try_key(
    deployment: Deployment, variable: str, key: str, resolve: Callable[..., dict[str, Any]]
) -> tuple[Outcome, str]:
    """`resolve` replaces references by values. `silent`: nobody said anything of the key."""
    written = {name: value for name, value in deployment.params.items() if _TAKEN.fullmatch(name)}
    name, question = _ASKS[deployment.info.get("mode")]
    try:
        params = resolve(config=_put_in(written, PREFIX + variable, key))
        # `no-log`: what a team's logging callbacks get are its own requests.
        asked = getattr(litellm, name)(**params, **question, num_retries=0, **{"no-log": True})
        async with asyncio.timeout(PATIENCE_S):
            await asked
    except TimeoutError:
        return "silent", f"no answer within {PATIENCE_S:g} s"
    except Exception as error:
        return _judged(error)
    return "taken", ""


def _judged(error: Exception) -> tuple[Outcome, str]:
    status = getattr(error, "status_code", None)
    kind = type(error).__name__
    if status in (401, 403) or _SAYS_NO.search(str(error)):
        return "refused", f"the provider answers {status or kind}"
    if isinstance(status, int) and 400 <= status < 500 and status != 408:
        return "taken", ""  # it knows who asks: what it does not like is the question, or how often
    return "silent", f"the provider does not answer ({kind})"


def _put_in(value: Any, reference: str, key: str) -> Any:
    if isinstance(value, Mapping):
        return {name: _put_in(each, reference, key) for name, each in value.items()}
    if isinstance(value, list):
        return [_put_in(each, reference, key) for each in value]
    return key if value == reference else value
