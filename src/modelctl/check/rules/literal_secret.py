"""A secret stands in the file.

It ends up in git, in backups and in everybody's editor, and cannot be changed without an edit. Keep it in the
environment and refer to it. In a catalog this is an error; in a config file a warning, and for placeholders that open
nothing (`sk-1234`, `dummy`) a remark.

Before:

    litellm_params:
      model: openai/gpt-6-luna
      api_key: sk-proj-abc...

After:

    litellm_params:
      model: openai/gpt-6-luna
      api_key: os.environ/OPENAI_API_KEY
"""

from __future__ import annotations

from collections.abc import Iterator

from modelctl.check import secrets
from modelctl.check.found import Found
from modelctl.check.subject import Subject

SEVERITY = "error"
EMITTED_BY = ("modelctl.check.secrets", "modelctl.service.catalog_editor")


def entries(subject: Subject) -> Iterator[Found]:
    for spot, finding in secrets.of_entries(subject):
        if finding.rule == "literal-secret":
            yield Found(finding.text, spot, finding.hint, "info" if finding.harmless else "warning")


def documents(subject: Subject) -> Iterator[Found]:
    for spot, finding in secrets.of_documents(subject):
        if finding.rule == "literal-secret":
            yield Found(finding.text, spot, finding.hint, beside=True)


def whole(subject: Subject) -> Iterator[Found]:
    yield from documents(subject)
    for spot, finding in secrets.of_sections(subject):
        if finding.rule == "literal-secret":
            yield Found(finding.text, spot, finding.hint, "info" if finding.harmless else "warning")
