"""What people write: YAML files, where each thing stands in them, and what LiteLLM knows of the models."""
