"""A value is not what its key takes.

In a catalog every key has a type (text, number, true or false, list, mapping, date), and YAML is strict about it: `"5"`
is text, `1e-07` is text too. In a config file this is a value that cannot be read at all, such as a date that does not
exist.

Before:

    models:
      gpt-6-luna: {context_window: many}

After:

    models:
      gpt-6-luna: {context_window: 400000}
"""

from __future__ import annotations

from modelctl.check.rules.number_as_text import fix as fix  # `1e-07` where a number is meant

SEVERITY = "error"
EMITTED_BY = (
    "modelctl.catalog.catalog_file",
    "modelctl.catalog.construct",
    "modelctl.catalog.env_overlay",
    "modelctl.catalog.load_tops",
    "modelctl.catalog.validation_errors",
    "modelctl.check.of_provider",
    "modelctl.check.of_proxy",
)
