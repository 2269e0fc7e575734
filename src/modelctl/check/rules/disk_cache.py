"""The cache on disk is gone from LiteLLM (since 1.109.0).

`cache_params.type: disk` is no known type of cache any more, and LiteLLM does not start on it. `local` keeps answers in
each worker's memory, `redis` shares them between workers and restarts. `disk_cache_dir` does nothing any more.

Before:

    litellm_settings:
      cache: true
      cache_params: {type: disk}

After:

    litellm_settings:
      cache: true
      cache_params: {type: local}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from modelctl.check.found import Found
from modelctl.check.subject import Subject

SEVERITY = "error"
SINCE = "1.109.0"
_PATH = ("litellm_settings", "cache_params")


def whole(subject: Subject) -> Iterator[Found]:
    params = subject.section("litellm_settings").get("cache_params")
    if not isinstance(params, Mapping):
        return
    if params.get("type") == "disk":
        text = f"LiteLLM has no cache on disk since {SINCE}, and does not start with one"
        yield Found(text, subject.at(*_PATH, "type", value=True), "local, or redis")
    elif "disk_cache_dir" in params:
        text = f"`disk_cache_dir` does nothing since LiteLLM {SINCE}"
        yield Found(text, subject.at(*_PATH, "disk_cache_dir"), "remove it", "warning")
