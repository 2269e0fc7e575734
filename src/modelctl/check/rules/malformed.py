"""A request to the control plane has a body that it does not understand.

The answer says which field, and `/docs` what each takes.

Before:

    curl -X POST localhost:7777/models/select -d '{"model": "gpt-5"}'

After:

    curl -X POST localhost:7777/models/select -d '{"model_id": "gpt-5"}'
"""

from __future__ import annotations

SEVERITY = "error"
INPUTS: tuple[str, ...] = ()  # what a running control plane says; `check` never does
EMITTED_BY = "modelctl.api.error_envelope"
