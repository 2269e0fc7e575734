"""A deployment's `rpm` no longer refuses requests by itself (since LiteLLM 1.109.0).

With `enable_pre_call_checks: true` earlier releases left out a deployment that had reached its `rpm` in this minute.
Now `rpm` only weighs deployments against each other; whoever wants the hard cap asks for it by name.

Before:

    model_list:
      - model_name: gpt
        litellm_params: {model: openai/gpt-6-luna, api_key: os.environ/OPENAI_API_KEY, rpm: 100}
    router_settings:
      enable_pre_call_checks: true

After:

    model_list:
      - model_name: gpt
        litellm_params: {model: openai/gpt-6-luna, api_key: os.environ/OPENAI_API_KEY, rpm: 100}
    router_settings:
      enable_pre_call_checks: true
      optional_pre_call_checks: [enforce_model_rate_limits]
"""

from __future__ import annotations

from collections.abc import Iterator

from modelctl.check.found import Found
from modelctl.check.subject import Subject

SEVERITY = "warning"
SINCE = "1.109.0"
_CHECK = "enforce_model_rate_limits"


def whole(subject: Subject) -> Iterator[Found]:
    """One remark, at the first entry that has a cap: one line mends all of them."""
    router = subject.section("router_settings")
    written = router.get("optional_pre_call_checks")
    checks = [str(each) for each in written] if isinstance(written, list) else []
    if router.get("enable_pre_call_checks") is not True or _CHECK in checks:
        return
    capped = [entry for entry in subject.entries if isinstance(entry.params.get("rpm"), int)]
    if capped:
        others = f" (and {len(capped) - 1} more)" if len(capped) > 1 else ""
        text = f"the `rpm` of `{capped[0].group}`{others} refuses nothing since LiteLLM {SINCE}"
        hint = f"router_settings.optional_pre_call_checks: [{', '.join([*checks, _CHECK])}]"
        yield Found(text, capped[0].at("litellm_params", "rpm"), hint)
