"""The provider switches this model off within 90 days.

LiteLLM's price map (or the catalog's `lifecycle`) gives the date. Move to the successor before it comes; in a catalog
write `lifecycle` with a `successor`, so that people see it in time.

Before:

    models:
      claude-sonnet-4-5: {}

After:

    models:
      claude-sonnet-4-5:
        lifecycle: {status: deprecated, retires: 2026-11-30, successor: claude-sonnet-5}
      claude-sonnet-5: {}
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from modelctl.check.found import Found
from modelctl.check.subject import Subject

SEVERITY = "warning"
DAYS = 90


def entries(subject: Subject) -> Iterator[Found]:
    today = subject.today.isoformat()
    limit = (subject.today + timedelta(days=DAYS)).isoformat()
    for entry in subject.entries:
        date = entry.retires
        if date and today < date <= limit and not (entry.stated and entry.successor):
            hint = f"its successor is `{entry.successor}`" if entry.successor else None
            yield Found(f"the provider retires this model on {date}", entry.at("litellm_params", "model"), hint)
