"""A setting for which LiteLLM wants an enterprise licence, and does not start without one.

The licence is in LITELLM_LICENSE. Where `check` knows nothing of the proxy's environment this is a warning.

Before:

    general_settings:
      allowed_ips: ["10.0.0.1"]

After:

    general_settings: {}
"""

from __future__ import annotations

from collections.abc import Iterator

from modelctl.check.found import Found
from modelctl.check.subject import Subject
from modelctl.errors import Severity
from modelctl.litellm_spec import licence

SEVERITY = "error"


def whole(subject: Subject) -> Iterator[Found]:
    variables = subject.section("environment_variables")
    if (subject.environ or {}).get(licence.VARIABLE) or variables.get(licence.VARIABLE):
        return
    severity: Severity = "warning" if subject.environ is None else "error"
    for key in licence.GENERAL_SETTINGS:
        if subject.section("general_settings").get(key) is not None:
            yield Found(_text(key), subject.at("general_settings", key), "set LITELLM_LICENSE", severity)
    manager = subject.section("general_settings").get("key_management_system")
    if manager in licence.SECRET_MANAGERS:
        spot = subject.at("general_settings", "key_management_system", value=True)
        yield Found(_text(manager), spot, "set LITELLM_LICENSE", severity)
    if subject.section("litellm_settings").get("tag_budget_config") is not None:
        spot = subject.at("litellm_settings", "tag_budget_config")
        yield Found(_text("tag_budget_config"), spot, "set LITELLM_LICENSE", severity)
    if subject.sections.get("worker_registry"):
        yield Found(_text("worker_registry"), subject.at("worker_registry"), "set LITELLM_LICENSE", severity)
    callbacks = subject.section("litellm_settings").get("callbacks")
    for index, name in enumerate(callbacks if isinstance(callbacks, list) else ()):
        if isinstance(name, str) and name in licence.CALLBACKS:
            spot = subject.at("litellm_settings", "callbacks", index, value=True)
            yield Found(_text(name), spot, "set LITELLM_LICENSE", severity)


def _text(what: str) -> str:
    return f"`{what}` needs an enterprise licence: LiteLLM does not start while LITELLM_LICENSE is not set"
