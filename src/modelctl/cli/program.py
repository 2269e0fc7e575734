"""The handler around all commands: turns what they raise into a line and an exit code."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence
from contextlib import nullcontext

from modelctl.cli import output, quick_check
from modelctl.errors import ModelctlError, UsageError
from modelctl.system.collector import collector_paused

BUG = 3
INTERRUPTED = 130
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EIO)
_SHORT = ("check", "explain", "render", "list")  # the process ends before garbage collection pays off


def main(argv: Sequence[str] | None = None) -> None:
    """Exit codes: 0 yes, 1 no, 2 usage, 3 our bug, 4 server not reached, 130 interrupted."""
    given = sys.argv[1:] if argv is None else list(argv)
    try:
        with collector_paused() if given[:1] and given[0] in _SHORT else nullcontext():
            sys.exit(_run(given))
    except ModelctlError as error:
        (output.failure_data if _for_machines(given) else output.failure)(error)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        _hush()
        sys.exit(1)
    except OSError as error:
        sys.exit(_cannot_write(error) if error.errno in _FULL else _bug(error))
    except Exception as error:
        sys.exit(_bug(error))


def _run(argv: list[str]) -> int:
    check = quick_check.asked(argv)
    if check is not None:
        return check.run()
    from modelctl.cli import typer_app  # typer takes longer than most checks

    command = typer_app.named(_completed() or argv)
    program = typer_app.application(command) if command else typer_app.outline()
    if not _for_machines(argv):
        program(args=argv, prog_name="modelctl")  # ends the process
    try:
        return int(program(args=argv, prog_name="modelctl", standalone_mode=False) or 0)
    except Exception as error:
        raise _usage(error) from error


def _completed() -> list[str]:
    """The words of the line that a shell is completing, the program's name left out."""
    return (os.environ.get("_TYPER_COMPLETE_ARGS") or os.environ.get("COMP_WORDS", "")).split()[1:]


def _for_machines(argv: Sequence[str]) -> bool:
    """Whether JSON was asked for: then a failure is JSON too."""
    return "--json" in argv and not {"-h", "--help"} & set(argv)


def _usage(error: Exception) -> Exception:
    """Turns typer's usage errors into ours; other exceptions pass unchanged."""
    words = getattr(error, "format_message", None)
    return UsageError(words()) if words else error


def _bug(error: Exception) -> int:
    from modelctl.cli.bug_report import keep_traceback  # tempfile: no run without a bug needs it

    output.say(f"this is a bug in modelctl: {type(error).__name__}. Its details are in {keep_traceback()}")
    return BUG


def _cannot_write(error: OSError) -> int:
    """A full disk is not a bug: report it as an error."""
    _hush()
    where = f" {error.filename}" if error.filename else ""
    output.failure(ModelctlError(f"cannot write{where}: {(error.strerror or str(error)).lower()}"))
    return 1


def _hush() -> None:
    """The reader of our output has closed the pipe: write nothing more, not even at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
