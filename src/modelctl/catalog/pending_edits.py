"""What a catalog folder would hold if some of its files were other ones: nothing is written to find out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePosixPath

from modelctl.catalog.folder import Contents, ProviderTexts, Text

Changes = Mapping[str, bytes | None]
"""Place below the catalog folder -> the file's new bytes; None takes it away."""


def overlaid(contents: Contents, changes: Changes) -> Contents:
    for place, raw in changes.items():
        contents = _changed(contents, PurePosixPath(place), raw)
    return contents


def _changed(contents: Contents, place: PurePosixPath, raw: bytes | None) -> Contents:
    text = None if raw is None else Text(f"{contents.label}/{place}", raw)
    if len(place.parts) == 1:
        tops = {name: top for name, top in contents.tops.items() if name != place.stem}
        return replace(contents, tops={**tops, place.stem: text} if text else tops)
    providers = {provider.id: provider for provider in contents.providers}
    if len(place.parts) == 2:
        changed = _with_header(providers, place.stem, text)
    else:
        changed = _with_model(providers, place.parts[1], place.stem, text)
    return replace(contents, providers=tuple(changed[name] for name in sorted(changed)))


def _with_header(providers: dict[str, ProviderTexts], name: str, text: Text | None) -> dict[str, ProviderTexts]:
    rest = {id_: provider for id_, provider in providers.items() if id_ != name}
    models = providers[name].models if name in providers else ()
    return {**rest, name: ProviderTexts(name, text, models)} if text else rest


def _with_model(
    providers: dict[str, ProviderTexts], name: str, stem: str, text: Text | None
) -> dict[str, ProviderTexts]:
    """A folder whose provider has no file is not read, whatever is in it."""
    provider = providers.get(name)
    if provider is None:
        return providers
    models = {each: file for each, file in provider.models if each != stem}
    if text:
        models[stem] = text
    in_order = sorted(models.items(), key=lambda one: one[1].label)  # as the folder is read: order is content
    return {**providers, name: replace(provider, models=tuple(in_order))}
