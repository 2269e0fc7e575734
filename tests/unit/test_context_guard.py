"""Python before 3.12 crashes where a round of its collector changes a context that is being changed."""

from __future__ import annotations

import signal
import subprocess
import sys

# The round begins at each object in turn that a change makes; what it finds changes the same context, and fills at
# once what was freed by that.
PROGRAM = """
import contextvars, gc, resource, sys
from modelctl.hook.context_guard import guard_contexts

resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
if sys.argv[1] == "guarded":
    guard_contexts()
    guard_contexts()
    assert len(gc.callbacks) == (sys.version_info < (3, 12))
variables = [contextvars.ContextVar(str(number)) for number in range(200)]
for variable in variables:
    variable.set(None)
filling = []

class Rubbish:
    def __init__(self):
        self.itself = self

    def __del__(self):
        gc.set_threshold(100_000)
        for variable in variables:
            variable.set(object())
        filling.extend([None] * size for size in range(1, 20) for _ in range(20))

for number in range(3000):
    filling.clear()
    Rubbish()
    gc.set_threshold(gc.get_count()[0] + number % 9)
    variables[number % 200].set(number)
    gc.set_threshold(100_000)
"""


def ended(way: str) -> int:
    return subprocess.run([sys.executable, "-c", PROGRAM, way]).returncode


def test_a_guarded_process_lives() -> None:
    assert [ended("guarded") for _ in range(3)] == [0, 0, 0]


def test_without_the_guard_it_dies_where_python_is_old() -> None:
    """So the test above can fail."""
    assert ended("unguarded") == (-signal.SIGSEGV if sys.version_info < (3, 12) else 0)
