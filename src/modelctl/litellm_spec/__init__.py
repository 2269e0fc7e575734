"""What LiteLLM is, by release: its keys, prices, error texts and which settings it takes while it runs."""
