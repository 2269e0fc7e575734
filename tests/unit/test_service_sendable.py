"""Which variables a test request may use, so that nobody can have any of them sent to any host and back."""

from __future__ import annotations

from typing import Any

import pytest

from modelctl.errors import Refused
from modelctl.service.allowed_variables import environment, masked
from modelctl.state.desired import Deployment, DesiredState, deployment

BASE = "http://lab.example/v1"
KNOWN = deployment("a", {"model": "openai/a", "api_base": BASE, "api_key": "os.environ/LAB_KEY"}, {})
DIRECT = deployment("b", {"model": "openai/b", "api_key": "os.environ/OPENAI_API_KEY"}, {})
LIVE = DesiredState({each.id: each for each in (KNOWN, DIRECT)})
ENVIRON = {"PATH": "/bin", "LAB_KEY": "lab-value", "OPENAI_API_KEY": "openai-value", "DATABASE_URL": "db-value"}


def draft(**params: Any) -> Deployment:
    return deployment("new", {"model": "openai/new", **params}, {})


def test_the_same_place_may_use_the_same_variables() -> None:
    given = environment(ENVIRON, draft(api_base=BASE, api_key="os.environ/LAB_KEY"), LIVE)
    assert given == {"PATH": "/bin", "LAB_KEY": "lab-value"}


@pytest.mark.parametrize(
    "params",
    [
        {"api_base": "http://evil.example", "api_key": "os.environ/LAB_KEY"},
        {"api_base": BASE, "api_key": "os.environ/OPENAI_API_KEY"},
        {"api_base": BASE, "api_key": "os.environ/LAB_KEY", "extra_headers": {"x": "os.environ/DATABASE_URL"}},
        {"api_base": "os.environ/DATABASE_URL"},
        {"api_base": BASE, "organization": "os.environ/DATABASE_URL"},
        {"api_base": BASE, "api_key": "oidc/file//etc/passwd"},
        {"vertex_credentials": "/etc/passwd"},
    ],
)
def test_anything_else_is_refused(params: dict[str, Any]) -> None:
    with pytest.raises(Refused, match="same provider and address") as caught:
        environment(ENVIRON, draft(**params), LIVE)
    assert caught.value.problems
    assert "value" not in str(caught.value.problems)


def test_keys_that_litellm_takes_by_itself_are_not_there() -> None:
    """An entry without a key for a host of its own would be sent the global one."""
    assert environment(ENVIRON, draft(api_base="http://evil.example"), LIVE) == {"PATH": "/bin"}
    assert environment(ENVIRON, draft(api_base="http://evil.example"), None) == {"PATH": "/bin"}


def test_what_comes_back_is_masked() -> None:
    given = {"PATH": "/bin", "LAB_KEY": "lab-value"}
    assert masked("you sent lab-value to /bin", given) == "you sent *** to /bin"
    assert masked(None, given) is None
