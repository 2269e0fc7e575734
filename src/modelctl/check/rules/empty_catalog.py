"""The catalog has no models.

Publishing it would take every model away from the workers. A warning where a proxy.yaml is written: LiteLLM starts on
it, and answers 400 to every request.

Before:

    # providers/openai.yaml
    models: {}

After:

    # providers/openai.yaml
    models: {gpt-6-luna: {}}
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from modelctl.catalog.parse import Document
from modelctl.check.found import FolderSpot, Found
from modelctl.check.subject import Subject
from modelctl.errors import errors_in

if TYPE_CHECKING:
    from modelctl.check.subject_parts import CatalogPart

SEVERITY = "error"
INPUTS = ("catalog",)


def whole(subject: Subject) -> Iterator[Found]:
    """Where a proxy.yaml is written, somebody means this catalog: LiteLLM starts on it."""
    catalog = subject.catalog
    if catalog and catalog.is_empty and not _in_database(catalog) and not _has_errors(catalog):
        folder = FolderSpot(Document(catalog.written.label, "", None))
        hint = "`modelctl init` writes one to start from"
        yield Found("the catalog has no models", folder, hint, "warning" if catalog.written.proxy else "error")


def _in_database(catalog: CatalogPart) -> bool:
    """What LiteLLM keeps in its database stands nowhere else."""
    proxy = catalog.written.proxy.entry if catalog.written.proxy else None
    return bool(proxy and (proxy.sections.get("general_settings") or {}).get("store_model_in_db") is True)


def _has_errors(catalog: CatalogPart) -> bool:
    """Models that cannot be read may be there."""
    files = (file for provider in catalog.written.providers for file in provider.files)
    return bool(errors_in([*catalog.written.problems, *(problem for file in files for problem in file.problems)]))
