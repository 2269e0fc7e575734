"""The proxy and the control plane from inside other frameworks."""
