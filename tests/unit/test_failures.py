"""LiteLLM's errors in a person's words: what went wrong and what the provider said, none of Python's own words."""

from __future__ import annotations

import pytest

from modelctl.litellm_spec.error_text import plain

SSL = "Cannot connect to host a.example:443 ssl:<ssl.SSLContext object at 0x7f3a2c1d5e90> [Name or service not known]"


@pytest.mark.parametrize(
    ("status", "message", "said"),
    [
        (500, f"litellm.InternalServerError: OpenAIException - {SSL}", "the provider failed: Cannot connect to host "
         "a.example:443 [Name or service not known]"),
        (500, f"litellm.APIConnectionError: {SSL.replace('<ssl.SSLContext object at 0x7f3a2c1d5e90>', 'default')}",
         "the provider cannot be reached: Cannot connect to host a.example:443 [Name or service not known]"),
        (500, "litellm.InternalServerError: <foo.Bar object at 0x7f00> broke", "the provider failed: broke"),
        (401, "Authentication Error, No api key passed in", "the proxy refuses the key (LITELLM_MASTER_KEY): "
         "Authentication Error, No api key passed in"),
    ],
)  # fmt: skip
def test_a_failure_in_plain_words(status: int, message: str, said: str) -> None:
    assert plain(status, message) == said


def test_a_provider_that_fails_is_not_said_to_lack_variables_that_are_set() -> None:
    assert "variables" not in plain(500, "litellm.InternalServerError: upstream is down")
