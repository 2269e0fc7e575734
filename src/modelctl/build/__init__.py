"""From a catalog's files to the desired state and its text, at the cost of what changed."""
