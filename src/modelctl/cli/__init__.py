"""`modelctl` on the command line. Each command imports what it needs when it runs, and no more."""

from modelctl.cli.app import application, main

__all__ = ["application", "main"]
