"""Two deployments are the same, word for word.

LiteLLM gives them one id: they are one deployment, and at run time a ghost of the second stays behind that cannot be
removed. In a catalog this is an error, in a config file a warning, since the proxy does start on it.

Before:

    model_list:
      - model_name: gpt
        litellm_params: {model: openai/gpt-6-luna}
      - model_name: gpt
        litellm_params: {model: openai/gpt-6-luna}

After:

    model_list:
      - model_name: gpt
        litellm_params: {model: openai/gpt-6-luna}
"""

from __future__ import annotations

from collections.abc import Iterator

from modelctl.check.entry import Entry
from modelctl.check.found import Found
from modelctl.check.subject import Subject

SEVERITY = "error"
EMITTED_BY = ("modelctl.check.of_catalog", "modelctl.check.of_provider")


def whole(subject: Subject) -> Iterator[Found]:
    if subject.kind == "catalog":  # compiled deployments have their ids already: checks compares those
        return
    seen: dict[str, Entry] = {}
    for entry in subject.entries:
        if entry.info.get("id") is None:
            first = seen.setdefault(entry.meaning, entry)
            if first is not entry:
                yield Found(_text(first, entry), entry.at(), severity="warning")


def _text(first: Entry, entry: Entry) -> str:
    """LiteLLM makes the id of the name and the parameters alone."""
    if first.info == entry.info and first.extra == entry.extra:
        return f"an entry for `{entry.group}` is written twice, word for word: one deployment"
    where = first.at().shown
    return (
        f"an entry for `{entry.group}` differs from that at {where} in `model_info` alone: to LiteLLM both have one id"
    )
