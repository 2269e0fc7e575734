"""modelctl: a reviewed catalog of models for the LiteLLM proxy, live in milliseconds."""

__version__ = "0.1.0"
