"""`modelctl` on the command line. Each command imports what it needs when it runs, and no more."""

from modelctl.cli.program import main

__all__ = ["main"]
