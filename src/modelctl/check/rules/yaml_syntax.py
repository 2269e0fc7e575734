"""The file is not YAML.

The message is the reader's own; the place is where it could not go on, the mistake often stands a line above. LiteLLM
reads with PyYAML's own scanner, which also stops at tabs.

Before:

    general_settings:
      master_key: "os.environ/LITELLM_MASTER_KEY

After:

    general_settings:
      master_key: "os.environ/LITELLM_MASTER_KEY"
"""

from __future__ import annotations

SEVERITY = "error"
FIXED = True
EMITTED_BY = ("modelctl.catalog.parse", "modelctl.configfile.as_litellm_reads")
