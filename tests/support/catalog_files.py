"""Catalogs on disk: the shipped one moved to a mock, and small or large ones made for a test."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import yaml

from modelctl import shipped


def shipped_on(mock: str, folder: Path) -> Path:
    """The shipped catalog with every provider's base on `mock` (a URL without a path). Azure's and Ollama's
    bases stay what they are, references: the workers' environment moves those."""
    catalog = folder / "catalog"
    shutil.copytree(shipped.catalog(), catalog)
    bases = {"openai": "/v1", "anthropic": "", "google": "/v1beta", "deepseek": "/v1"}
    for provider, path in bases.items():
        file = catalog / "providers" / f"{provider}.yaml"
        file.write_text(f"api_base: {mock}{path}\n{file.read_text()}")
    return catalog


def write_catalog(
    folder: Path,
    providers: dict[str, dict[str, Any]],
    routes: dict[str, Any] | None = None,
    proxy: dict[str, Any] | None = None,
) -> Path:
    """One file per provider, `routes.yaml` and `proxy.yaml`; returns the catalog's folder."""
    catalog = folder / "catalog"
    (catalog / "providers").mkdir(parents=True, exist_ok=True)
    for name, body in providers.items():
        write(catalog / "providers" / f"{name}.yaml", body)
    for name, section in (("routes", routes), ("proxy", proxy)):
        if section is not None:
            write(catalog / f"{name}.yaml", section)
    return catalog


def write(path: Path, body: Any) -> None:
    """Written whole or not at all, as editors do it."""
    beside = path.with_name(f".{path.name}.new")
    beside.write_text(yaml.safe_dump(body, sort_keys=False, allow_unicode=True))
    beside.replace(path)


def provider_on(base: str, models: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """An OpenAI-like provider on `base`."""
    head = {"name": "Upstream", "litellm_provider": "openai", "api_base": base, "api_key": "os.environ/KEY_ALPHA"}
    return {**head, **fields, "models": models}
