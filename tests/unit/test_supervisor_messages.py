"""What `up` says of a child that ended."""

from __future__ import annotations

import signal
import sys

import pytest

from modelctl.supervisor.managed_process import Death, ProcessCommand
from modelctl.supervisor.messages import died


def told(code: int) -> str:
    return died(Death(ProcessCommand("LiteLLM", ("litellm",), {}), code, 9.0, 1))


@pytest.mark.parametrize(("version", "known"), [((3, 11, 7), True), ((3, 12, 0), False)])
def test_a_crash_of_the_interpreter_says_which_python_is_free_of_it(
    version: tuple[int, ...], known: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "version_info", version)
    text = told(-signal.SIGSEGV)
    assert text.startswith("LiteLLM ended (signal SIGSEGV); starting it again")
    assert ("run LiteLLM on 3.12 or later" in text) is known


@pytest.mark.parametrize(("code", "cause"), [(-signal.SIGKILL, "signal SIGKILL"), (1, "exit code 1")])
def test_another_end_has_no_such_hint(code: int, cause: str) -> None:
    assert told(code) == f"LiteLLM ended ({cause}); starting it again"
