"""`modelctl up`: keeps the control plane and the LiteLLM workers alive, and ends them all."""
