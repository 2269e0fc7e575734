"""A test request names a variable that the catalog does not use for that provider and address.

A model is tried before it is saved; whoever may ask for that must not be able to send any variable of the environment
to any host. Save the provider with its `api_key` first: what the published catalog uses for an address
may be used there.

Before:

    POST /models/custom/test    {"api_base": "https://other.example/v1", "api_key": "os.environ/OPENAI_API_KEY", ...}

After:

    POST /models/custom         with the provider's own variable; then the test request
"""

from __future__ import annotations

SEVERITY = "error"
INPUTS: tuple[str, ...] = ()  # what a running control plane says; `check` never does
EMITTED_BY = "modelctl.service.allowed_variables"
