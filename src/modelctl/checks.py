"""Whether the parts of a catalog fit together: names that are meant exist, secrets are references.

`of_provider` looks at one provider for itself (its result is kept with the part); `References`
looks across all of them. Each problem's rule is a kebab-case id.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from modelctl.catalog.findings import unknown_name
from modelctl.catalog.load import Catalog, File, ProviderFiles
from modelctl.catalog.parts import Offer, Part
from modelctl.catalog.source import Document
from modelctl.desired import FALLBACK_KINDS, Deployment
from modelctl.errors import Problem


def of_provider(files: ProviderFiles, offers: list[Offer], deployments: Mapping[str, Deployment]) -> Iterator[Problem]:
    return iter(())


class References:
    def problems(self, written: Catalog, parts: list[Part]) -> list[Problem]:
        return []
