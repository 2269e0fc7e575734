"""A key that LiteLLM reads nowhere, or that a catalog file does not take.

LiteLLM says nothing about an unknown section or setting: what it was meant to do is not done. An unknown
`litellm_params` key is worse, it is sent to the provider with each request. In `model_info` any key may stand (it is
handed out by `/model/info`), so there it is only a remark. Keys that another tool reads in the same file are listed
under `other_keys` in modelctl.yaml; keys that only hold anchors begin with `x-`.

Before:

    litellm_settings:
      num_retires: 3

After:

    litellm_settings:
      num_retries: 3
"""

from __future__ import annotations

from collections.abc import Iterator

from modelctl.check import config_keys, confusions
from modelctl.check.entry import Entry
from modelctl.check.found import Found, nearest
from modelctl.check.rules import cache_without_host
from modelctl.check.subject import Subject
from modelctl.errors import Severity
from modelctl.litellm_spec import known_keys

SEVERITY = "warning"
EMITTED_BY = ("modelctl.catalog.env_overlay", "modelctl.catalog.load_tops", "modelctl.catalog.validation_errors")


def entries(subject: Subject) -> Iterator[Found]:
    for entry, stray in config_keys.of_entries(subject):
        if not stray.once and not stray.home and not stray.later:
            text, severity = _of_entry(entry, stray, subject)
            once = stray.key if stray.section == "model_info" else None  # one remark for a key that many models have
            yield Found(text, stray.spot, _hint(stray), severity, once)


def _of_entry(entry: Entry, stray: config_keys.Stray, subject: Subject) -> tuple[str, Severity]:
    if stray.section == "model_info":
        return f"`{stray.key}` is no key of LiteLLM's: it is kept in `model_info`, and nothing reads it", "info"
    if stray.section == "model_list":
        return f"`{stray.key}` is read nowhere beside `litellm_params`", "warning"
    if entry.provider in subject.custom_prefixes:
        return f"`{stray.key}` is no parameter of LiteLLM's: it is handed to your own provider", "info"
    return f"`{stray.key}` is no parameter that LiteLLM knows: it is sent to the provider as it is", "warning"


def whole(subject: Subject) -> Iterator[Found]:
    reported = cache_without_host.MISTAKEN if cache_without_host.is_missing(subject) else ()
    for stray in config_keys.of_sections(subject):
        if stray.section == "cache_params" and stray.key in reported:
            continue
        if not stray.once and not stray.home and not stray.later:
            text = f"LiteLLM reads no `{stray.key}` {stray.under}, nor anywhere else"
            yield Found(text, stray.spot, _hint(stray))


def _hint(stray: config_keys.Stray) -> str | None:
    """By meaning first, by spelling second."""
    if confusions.is_listed(stray.section, stray.key):
        return confusions.meant(stray.section, stray.key)
    return nearest(stray.key, known_keys.declared_keys(stray.section))
