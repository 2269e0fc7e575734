"""The cache has a kind, or lacks a parameter, with which LiteLLM does not start.

`cache_params.type` is `local`, `redis`, `redis-semantic`, `valkey-semantic`, `qdrant-semantic`, `s3`, `gcs`,
`azure-blob` or `disk`. Semantic caches need a `similarity_threshold` and the address of their store. Where an address
may stand in a variable of the proxy's environment instead, this is a warning. The plain Redis cache has a rule of its
own, `cache-without-host`. Nothing of this is looked at unless `cache` is true.

Before:

    litellm_settings:
      cache: true
      cache_params: {type: in-memory}

After:

    litellm_settings:
      cache: true
      cache_params: {type: local}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from modelctl.check.found import Found, Spot, nearest
from modelctl.check.listed import ENDS
from modelctl.check.subject import Subject
from modelctl.errors import Severity
from modelctl.litellm_spec.value_shapes import Shape, is_put_off, one_of

SEVERITY = "error"
TYPES = (
    "local", "redis", "redis-semantic", "valkey-semantic", "qdrant-semantic", "s3", "gcs", "azure-blob", "disk",
)  # fmt: skip
_MEANT = {
    "memory": "local",
    "in-memory": "local",
    "in_memory": "local",
    "redis-cluster": "redis",
    "azure": "azure-blob",
}
_SCOPES = ("key", "end_user")
_THRESHOLD = ("similarity_threshold", (), "0.8")
_NEEDED: Mapping[str, tuple[tuple[str, tuple[str, ...], str], ...]] = {
    "redis-semantic": (_THRESHOLD,),
    "valkey-semantic": (_THRESHOLD,),
    "qdrant-semantic": (
        _THRESHOLD,
        ("qdrant_collection_name", (), "NAME"),
        ("qdrant_api_base", ("QDRANT_URL", "QDRANT_API_BASE"), "os.environ/QDRANT_API_BASE"),
    ),
    "azure-blob": (("azure_account_url", (), "URL"), ("azure_blob_container", (), "NAME")),
}
"""Type -> what it needs: the parameter, the variables that LiteLLM takes in its place, what to write."""
_REDIS = {"host": "REDIS_HOST", "port": "REDIS_PORT", "password": "REDIS_PASSWORD"}


def whole(subject: Subject) -> Iterator[Found]:
    settings = subject.section("litellm_settings")
    if settings.get("cache") is not True:
        return
    params = settings.get("cache_params", {})
    spot = subject.at("litellm_settings", "cache_params")
    if not isinstance(params, Mapping):
        yield Found(f"`cache_params` takes a mapping: {ENDS}", spot, "cache_params: {type: local}")
        return
    kind = params.get("type", "redis")
    if kind not in TYPES and not is_put_off(kind):
        meant = _MEANT.get(str(kind)) or nearest(str(kind), TYPES) or f"there are {', '.join(TYPES)}"
        hint = f"type: {meant}" if meant in TYPES else meant
        yield Found(f"LiteLLM has no cache of type `{kind}` and does not start", spot.inside("type", value=True), hint)
        return
    yield from _of_values(params, spot)
    yield from _of_needs(subject, str(kind), params, spot)


def _of_values(params: Mapping[str, Any], spot: Spot) -> Iterator[Found]:
    for key, shape in _SHAPES.items():
        if not shape.fits(params.get(key)):
            yield Found(f"`{key}` takes {shape.words}: {ENDS}", spot.inside(key, value=True))


_SHAPES: Mapping[str, Shape] = {
    "semantic_cache_scope": one_of(_SCOPES),
    "redis_startup_nodes": Shape("a list", lambda value: isinstance(value, list)),
}


def _of_needs(subject: Subject, kind: str, params: Mapping[str, Any], spot: Spot) -> Iterator[Found]:
    for key, variables, hint in _NEEDED.get(kind, ()):
        if params.get(key) is None and not _is_given(subject, variables):
            instead = f", and neither {' nor '.join(variables)} is set in this environment" if variables else ""
            severity: Severity = "warning" if variables else "error"
            yield Found(f"a cache of type `{kind}` needs `{key}`{instead}: {ENDS}", spot, f"{key}: {hint}", severity)
    if kind == "redis-semantic" and not params.get("redis_url"):
        missing = [
            key for key, variable in _REDIS.items() if not params.get(key) and not _is_given(subject, [variable])
        ]
        if missing:
            text = f"a cache of type `{kind}` needs `redis_url`, or `host`, `port` and `password`: {ENDS}"
            yield Found(
                f"{text}, unless {_REDIS[missing[0]]} is set", spot, "redis_url: os.environ/REDIS_URL", "warning"
            )


def _is_given(subject: Subject, variables: Any) -> bool:
    given = {**subject.section("environment_variables"), **(subject.environ or {})}
    return any(given.get(name) for name in variables) or (bool(variables) and subject.environ is None)
