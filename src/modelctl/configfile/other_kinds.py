"""Files that are no LiteLLM config, though one may stand inside: the problem to show, and where it points."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from modelctl.catalog import parse
from modelctl.check.values import walk
from modelctl.errors import Problem, Severity


def other_kind(config: Mapping[str, Any], label: str, document: parse.Document) -> Problem | None:
    """A file of Kubernetes, Helm or Docker Compose, which may hold a config, but is none."""
    if config.keys() & _OURS:
        return None
    inside = _config_inside(config)
    severity: Severity = "error"
    if isinstance(config.get("services"), Mapping):
        what = "a Docker Compose file"
    elif {"apiVersion", "kind"} <= config.keys():
        what = f"a Kubernetes {config['kind']}"
    elif inside is not None:
        what, severity = "a file of values for something else (Helm, say)", "warning"  # LiteLLM starts, without models
    else:
        return None
    where = f", and the config stands under `{'.'.join(map(str, inside))}`" if inside else ""
    hint = "check the file that holds the config by itself" if inside else None
    text = f"this is {what}, no LiteLLM config{where}"
    return Problem("not-a-config", text, label, *document.place(inside or ()), severity=severity, hint=hint)


def _config_inside(config: Mapping[str, Any]) -> tuple[str | int, ...] | None:
    """Where a whole config stands, as a text or as a part of the file."""
    text = next((path for path, text in walk(config) if isinstance(text, str) and "model_list:" in text), None)
    listed = (path for path, _ in walk(config) if "model_list" in path[1:])
    return text or next((path[: path.index("model_list")] for path in listed), None)


_OURS = frozenset({"model_list", "litellm_settings", "router_settings", "general_settings"})


def not_a_config(path: str, place: tuple[int, int] = (1, 1)) -> Problem:
    return Problem("not-a-config", "a LiteLLM config is a mapping, with a list under `model_list`", path, *place)
