"""A setting needs a Python package that is not installed beside LiteLLM.

`litellm[proxy]` brings only part of what LiteLLM can use. Without the package LiteLLM does not start, or it starts and
the callback gets nothing, or the model is left out; what it says stands in the log. This is told only where LiteLLM is
installed in the environment in which `check` runs, and is a warning, since another one may be meant.

Before (with only `litellm[proxy]` installed):

    litellm_settings:
      callbacks: [prometheus]

After (and `pip install prometheus-client`):

    litellm_settings:
      callbacks: [prometheus]
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from modelctl.check.found import Found, Spot
from modelctl.check.listed import ENDS
from modelctl.check.subject import Subject


class Package(NamedTuple):
    """What is imported, and what is installed for it."""

    module: str
    install: str


SEVERITY = "warning"
_PROMETHEUS = Package("prometheus_client", "prometheus-client")
_OTEL = Package("opentelemetry.sdk", "opentelemetry-sdk opentelemetry-exporter-otlp")
ENDING: Mapping[tuple[str, str], Package] = {
    ("callbacks", "prometheus"): _PROMETHEUS,
    ("success_callback", "prometheus"): _PROMETHEUS,
    ("service_callback", "prometheus_system"): _PROMETHEUS,
}
"""LiteLLM does not start without it."""
QUIET: Mapping[str, Package] = {
    **dict.fromkeys(("agentops", "arize", "arize_phoenix", "langfuse_otel", "otel", "signoz"), _OTEL),
    "langfuse": Package("langfuse", "langfuse"),
    "mlflow": Package("mlflow", "mlflow"),
}
"""LiteLLM starts, and the callback gets nothing."""
MANAGERS: Mapping[str, tuple[Package, str]] = {
    "google_kms": (Package("google.cloud.kms_v1", "google-cloud-kms"), ENDS),
    "azure_key_vault": (Package("azure.keyvault.secrets", "azure-keyvault-secrets"), "LiteLLM starts without it"),
}
_DISK = Package("diskcache", "diskcache")
_ROUTER = Package("semantic_router", "'litellm[semantic-router]'")
_LISTS = ("callbacks", "success_callback", "failure_callback", "service_callback")
_OTHER_ROUTERS = ("complexity_router", "adaptive_router", "quality_router")


def entries(subject: Subject) -> Iterator[Found]:
    for entry in subject.entries if subject.machine else ():
        prefix, _, kind = entry.model.partition("/")
        if prefix == "auto_router" and not kind.startswith(_OTHER_ROUTERS):
            at = entry.at("litellm_params", "model", value=True)
            yield from _found(subject, entry.model, _ROUTER, at, effect=f"LiteLLM starts without `{entry.group}`")


def whole(subject: Subject) -> Iterator[Found]:
    if subject.machine is None:
        return
    settings = subject.section("litellm_settings")
    for key in _LISTS:
        written = settings.get(key)
        for index, name in enumerate(written if isinstance(written, list) else ()):
            if isinstance(name, str) and ((key, name) in ENDING or name in QUIET):
                spot = subject.at("litellm_settings", key, index, value=True)
                effect = ENDS if (key, name) in ENDING else f"LiteLLM starts, and `{name}` gets nothing"
                yield from _found(subject, name, ENDING.get((key, name)) or QUIET[name], spot, effect=effect)
    system = subject.section("general_settings").get("key_management_system")
    if isinstance(system, str) and system in MANAGERS:
        spot = subject.at("general_settings", "key_management_system", value=True)
        yield from _found(subject, system, MANAGERS[system][0], spot, effect=MANAGERS[system][1])
    cache = settings.get("cache_params")
    if settings.get("cache") is True and isinstance(cache, Mapping) and cache.get("type") == "disk":
        spot = subject.at("litellm_settings", "cache_params", "type", value=True)
        yield from _found(subject, "disk", _DISK, spot, effect=ENDS)


def _found(subject: Subject, name: str, package: Package, spot: Spot, *, effect: str) -> Iterator[Found]:
    if subject.machine is not None and subject.machine.lacks(package.module):
        text = f"`{name}` needs `{package.module}`, which is not installed beside LiteLLM here: {effect}"
        yield Found(text, spot, f"pip install {package.install}", once=name)
