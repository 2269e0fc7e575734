"""A LiteLLM worker as a process: `python -m modelctl.worker`."""
