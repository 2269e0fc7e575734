"""A LiteLLM tried on a config: booted aside with no provider behind it, asked what it registered and how it answers.

    config -> mocked (a copy that reaches nobody) -> process (boots a LiteLLM) -> matrix (asks it) -> Side
    two Sides -> compare -> findings -> words

Nothing of a running proxy is touched, no provider is called, and no key is used.
"""
