"""A callback that LiteLLM cannot load: the proxy does not start.

A name under `callbacks` without a dot is one of LiteLLM's own; with a dot it is a Python object, `module.instance`.
Anything else ends the start with "Empty module name". A text in place of the list is taken for a Python object.

Before:

    litellm_settings:
      callbacks: [promethus]

After:

    litellm_settings:
      callbacks: [prometheus]
"""

from __future__ import annotations

from collections.abc import Iterator

from modelctl.check.found import Found, nearest
from modelctl.check.subject import Subject
from modelctl.litellm_spec import known_keys, lookup

SEVERITY = "error"
NEWER = frozenset({"clickhouse"})
"""Of later LiteLLM lines than the one that the list of keys was taken from."""
# `success_callback` and `failure_callback` take these; `callbacks` does not.
_ELSEWHERE = frozenset(
    {
        "athina", "dynamodb", "greenscale", "helicone", "lunary", "opentelemetry", "promptlayer", "s3", "sentry",
        "slack", "supabase", "traceloop", "wandb", "sample_callback",
    }
)  # fmt: skip


def whole(subject: Subject) -> Iterator[Found]:
    written = subject.section("litellm_settings").get("callbacks")
    if isinstance(written, str):
        # a catalog's render makes a list of it
        if subject.kind == "config" and "." not in written and not lookup.is_put_off(written):
            spot = subject.at("litellm_settings", "callbacks", value=True)
            yield Found("`callbacks` takes a list: LiteLLM does not start on a name alone", spot, f"[{written}]")
        return
    for index, name in enumerate(written if isinstance(written, list) else ()):
        if isinstance(name, str) and "." not in name and not lookup.is_put_off(name) and not _is_known(name):
            spot = subject.at("litellm_settings", "callbacks", index, value=True)
            yield Found(f"LiteLLM has no callback `{name}` and does not start", spot, _hint(name))


def _is_known(name: str) -> bool:
    return name in NEWER or (name in known_keys.values("callbacks") and name not in _ELSEWHERE)


def _hint(name: str) -> str | None:
    if name in _ELSEWHERE:
        return f"success_callback: [{name}]"
    return nearest(name, known_keys.values("callbacks") - _ELSEWHERE)
