"""What can be wrong, one rule per module; see `registry` for the list and `subject` for what a rule looks at."""
