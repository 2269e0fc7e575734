"""Nothing but rules: one module each, its docstring is its manual page."""
