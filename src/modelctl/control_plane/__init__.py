"""The control plane as a process: it publishes edits, ends time limits and serves the API."""
