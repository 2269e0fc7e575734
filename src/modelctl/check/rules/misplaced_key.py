"""A key that LiteLLM knows, but reads in another section.

LiteLLM says nothing and goes on with its default: `cooldown_time` under `litellm_settings`, `max_budget` under
`general_settings`, `mode` under `litellm_params` do nothing (the last is even sent to the provider). In a catalog,
aliases and fallbacks are made from routes and models, so writing them into proxy.yaml is an error.

Before:

    litellm_settings:
      cooldown_time: 30

After:

    router_settings:
      cooldown_time: 30
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from modelctl.check import config_keys
from modelctl.check.found import Found, Spot
from modelctl.check.subject import Subject
from modelctl.litellm_spec.config import FALLBACK_KINDS

if TYPE_CHECKING:
    from modelctl.check.subject_parts import CatalogPart

SEVERITY = "warning"


def entries(subject: Subject) -> Iterator[Found]:
    for _, stray in config_keys.of_entries(subject):
        if stray.home and not stray.once:
            yield _found(stray)
    for entry in subject.entries:
        if isinstance(entry.params.get("model_info"), Mapping):
            text = "`model_info` belongs beside `litellm_params`: here LiteLLM sees nothing of what it says"
            yield Found(text, entry.at("litellm_params", "model_info"))


def whole(subject: Subject) -> Iterator[Found]:
    yield from _made_from_the_catalog(subject.catalog) if subject.catalog else ()
    for stray in config_keys.of_sections(subject):
        if stray.home and not stray.once and stray.key not in _REFUSED:
            yield _found(stray)


def _made_from_the_catalog(catalog: CatalogPart) -> Iterator[Found]:
    """Aliases and fallbacks are worked out from routes and models; in proxy.yaml they would be lost."""
    for section in ("router_settings", "litellm_settings"):
        written = catalog.proxy.get(section)
        for key in written if isinstance(written, dict) else ():
            if key in _INSTEAD:
                spot = Spot(catalog.proxy_document, (section, key))
                yield Found(f"`{section}.{key}` is made from the catalog", spot, _INSTEAD[key], "error")


_INSTEAD = {
    "model_group_alias": "write a route in routes.yaml",
    **{kind: f"write `{kind}: [...]` on the model or the route" for kind in FALLBACK_KINDS},
}
_REFUSED = ("health_check_interval", "health_check_concurrency")  # LiteLLM does not start: refused-setting says so


def _found(stray: config_keys.Stray) -> Found:
    homes = " or ".join(f"`{name}`" if name else "the top of the file" for name in stray.home[:2])
    return Found(f"LiteLLM does not read `{stray.key}` {stray.under}: it belongs in {homes}", stray.spot)
