"""A secret manager with which LiteLLM does not start.

`general_settings.key_management_system` names one of LiteLLM's, `key_management_settings` is a mapping beside it.

Before:

    general_settings:
      key_management_system: vault

After:

    general_settings:
      key_management_system: hashicorp_vault
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from modelctl.check.found import Found, Spot, nearest
from modelctl.check.listed import ENDS
from modelctl.check.subject import Subject
from modelctl.litellm_spec import lookup, value_shapes

SEVERITY = "error"
SYSTEMS = (
    "aws_kms", "aws_secret_manager", "azure_key_vault", "custom", "cyberark", "google_kms", "google_secret_manager",
    "hashicorp_vault",
)  # fmt: skip
MODES = ("read_only", "write_only", "read_and_write")
_MEANT = {"vault": "hashicorp_vault", "aws_secrets_manager": "aws_secret_manager", "hashicorp": "hashicorp_vault"}


def whole(subject: Subject) -> Iterator[Found]:
    general = subject.section("general_settings")
    system, settings = general.get("key_management_system"), general.get("key_management_settings")
    if isinstance(system, str) and system not in SYSTEMS and not lookup.is_put_off(system):
        text = f"LiteLLM has no secret manager `{system}` and does not start"
        yield Found(text, _at(subject, "key_management_system"), _hint(system))
    elif system is not None and not isinstance(system, str):
        text = "`key_management_system` takes text: LiteLLM starts without the secret manager"
        yield Found(text, _at(subject, "key_management_system"), f"one of {', '.join(SYSTEMS)}")
    if settings is not None and not isinstance(settings, Mapping):
        text = f"`key_management_settings` takes a mapping: {ENDS}"
        yield Found(text, _at(subject, "key_management_settings"), "{access_mode: read_only}")
        return
    yield from _of_settings(subject, settings or {})
    if system == "custom" and not (settings or {}).get("custom_secret_manager"):
        text = f"a custom secret manager has its class in `key_management_settings`: {ENDS}"
        yield Found(
            text, subject.at("general_settings", "key_management_system"), "custom_secret_manager: MODULE.CLASS"
        )


def _of_settings(subject: Subject, settings: Mapping[str, Any]) -> Iterator[Found]:
    for key, (kind, fits) in _TYPES.items():
        value = settings.get(key)
        if value is None and not (key == "access_mode" and key in settings):
            continue
        if not fits(value) and not (isinstance(value, str) and lookup.is_put_off(value)):
            spot = subject.at("general_settings", "key_management_settings", key, value=True)
            hint = nearest(str(value), MODES) if key == "access_mode" else None
            yield Found(f"`{key}` takes {kind}: {ENDS}", spot, hint)


def _is_tags(value: object) -> bool:
    return isinstance(value, Mapping) and all(isinstance(item, str) for item in value.values())


_TYPES: Mapping[str, tuple[str, Callable[[Any], bool]]] = {
    "access_mode": (f"one of {', '.join(MODES)}", lambda value: value in MODES),
    "hosted_keys": ("a list", lambda value: isinstance(value, list)),
    "primary_secret_name": ("text", value_shapes.is_text),
    "prefix_for_stored_virtual_keys": ("text", value_shapes.is_text),
    "custom_secret_manager": ("text", value_shapes.is_text),
    "store_virtual_keys": ("true or false", value_shapes.is_boolean),
    "replica_regions": ("a list of texts", value_shapes.is_texts),
    "tags": ("a mapping of texts", _is_tags),
}


def _at(subject: Subject, key: str) -> Spot:
    return subject.at("general_settings", key, value=True)


def _hint(system: str) -> str:
    meant = _MEANT.get(system)
    return f"key_management_system: {meant}" if meant else nearest(system, SYSTEMS) or f"there are {', '.join(SYSTEMS)}"
