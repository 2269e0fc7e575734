"""A catalog on disk that the rows edit."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import yaml

from support.catalog_files import provider_on, write_catalog
from support.models import SETTINGS

PER_PROVIDER = 100


class Book:
    """A catalog on disk of `count` models `m-0`, `m-1`, ..., a hundred to a provider's file."""

    def __init__(self, folder: Path, count: int, base: str, per_file: int = PER_PROVIDER) -> None:
        self.count, self._per_file = count, per_file
        self._number = 0
        names = [f"m-{number}" for number in range(count)]
        self.providers: dict[str, dict[str, Any]] = {}
        for start in range(0, count, per_file):
            models: dict[str, Any] = {
                name: {
                    "description": f"Model {name} of the benchmark",
                    "tags": ["chat", "bench"],
                    "context_window": 128_000,
                    "supports_tools": True,
                    "price": {"input": 0.5, "output": 4.0},
                    "params": {"timeout": 60},
                }
                for name in names[start : start + per_file]
            }
            self.providers[f"p{start // per_file}"] = provider_on(base, models)
        proxy = {**SETTINGS, "litellm_settings": {"drop_params": False}}
        self.catalog = write_catalog(folder, self.providers, {"active": {"target": "m-0"}}, proxy)

    def edit(self, number: int, **fields: Any) -> float:
        """Change one model (a new timeout if nothing else is said) and save; when that began, epoch seconds."""
        provider = self.providers[f"p{number // self._per_file}"]
        self._number += 1
        provider["models"][f"m-{number}"].update(fields or {"params": {"timeout": 60 + self._number}})
        return self._save(f"p{number // self._per_file}")

    def edit_hundred(self, provider: str) -> float:
        """Change every model of a provider, through a default that they inherit."""
        self._number += 1
        self.providers[provider]["params"] = {"max_retries": 0, "stream_timeout": 60 + self._number}
        return self._save(provider)

    def _save(self, provider: str) -> float:
        path = self.catalog / "providers" / f"{provider}.yaml"
        beside = path.with_name(f".{path.name}.new")
        beside.write_text(yaml.dump(self.providers[provider], Dumper=yaml.CSafeDumper, sort_keys=False))
        began = time.time()
        beside.replace(path)
        return began
