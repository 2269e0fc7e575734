"""A model lacks a tag that the organisation requires.

`required_tags` in modelctl.yaml lists them; each is a word or a pattern (`team:*`), and every model needs a tag like
each of them. In a catalog tags stand on the model or its provider, in a config file under `litellm_params`.

Before (with `required_tags: ["team:*"]`):

    models:
      gpt-6-luna: {}

After:

    models:
      gpt-6-luna: {tags: ["team:search"]}
"""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from modelctl.check.found import Found
from modelctl.check.subject import Subject

SEVERITY = "error"


def entries(subject: Subject) -> Iterator[Found]:
    for required in subject.settings.required_tags:
        for entry in subject.entries:
            if not any(fnmatchcase(tag, required) for tag in entry.tags):
                yield Found(f"`{entry.group}` has no tag `{required}`, which {_WHO}", entry.at("model_name"))


_WHO = "modelctl.yaml requires"
