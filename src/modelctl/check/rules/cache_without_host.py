"""The Redis cache has no address: LiteLLM does not start.

`cache: true` is Redis unless `cache_params.type` says otherwise. Its address is `host` and `port`, or `url`, or stands
in REDIS_URL or REDIS_HOST; `redis_url` is read by the semantic caches alone. Where no address is written at all this is
a warning: the proxy's environment may have one.

Before:

    litellm_settings:
      cache: true
      cache_params: {type: redis, redis_url: os.environ/CACHE_URL}

After:

    litellm_settings:
      cache: true
      cache_params: {type: redis, url: os.environ/CACHE_URL}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from modelctl.check.found import Found
from modelctl.check.subject import Subject
from modelctl.errors import Severity

SEVERITY = "error"
_ADDRESS = ("host", "url", "redis_startup_nodes", "startup_nodes", "sentinel_nodes", "service_name")
_VARIABLES = ("REDIS_URL", "REDIS_HOST", "REDIS_CLUSTER_NODES", "REDIS_SENTINEL_NODES")


MISTAKEN = ("redis_url", "redis_host")


def is_missing(subject: Subject) -> bool:
    settings = subject.section("litellm_settings")
    params = settings.get("cache_params") or {}
    if settings.get("cache") is not True or not isinstance(params, Mapping) or params.get("type", "redis") != "redis":
        return False
    return not any(params.get(key) for key in _ADDRESS) and not _is_given(subject)


def whole(subject: Subject) -> Iterator[Found]:
    if not is_missing(subject):
        return
    params = subject.section("litellm_settings").get("cache_params") or {}
    text = "the Redis cache has no `host` and no `url`: LiteLLM does not start, unless REDIS_URL or REDIS_HOST is set"
    key = next((key for key in MISTAKEN if key in params), None)
    path = ("cache_params", key) if key else ("cache_params",) if params else ("cache",)
    hint = "url: os.environ/REDIS_URL"
    if key and str(params[key]).startswith("os.environ/"):
        hint = f"{key.removeprefix('redis_')}: {params[key]}"
    severity: Severity = "error" if key and subject.environ is not None else "warning"
    yield Found(text, subject.at("litellm_settings", *path), hint, severity)


def _is_given(subject: Subject) -> bool:
    given = {**subject.section("environment_variables"), **(subject.environ or {})}
    return any(given.get(name) for name in _VARIABLES)
