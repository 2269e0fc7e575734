"""modelctl: a reviewed catalog of models for the LiteLLM proxy, live in milliseconds."""

__version__ = "0.1.0"
API_VERSION = 1
"""Of the HTTP API and of what `--json` prints; it grows when something in them goes away or changes its meaning."""
