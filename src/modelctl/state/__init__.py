"""What should run and who chose it: desired state, selections, routes. Values and pure decisions, no I/O."""
