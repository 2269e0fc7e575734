"""The API asked from its own OpenAPI, by schemathesis: whatever comes, no answer is ours to be ashamed of.

Right and wrong requests alike, for every endpoint. A 500 is a bug of ours, and a refusal has the one envelope. (503 is
an answer: the store does not hold what was asked for, or not every worker is there yet.)
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import BaseSchema, Case, GenerationMode

from modelctl.api.roles import NEEDED
from support.api_server import Plane, write_catalog
from support.effort import examples

APART = {
    "GET /events": "a stream without an end",
    "POST /compare": "asks LiteLLM",
    "POST /models/custom/test": "imports LiteLLM",
}
NOT_READY = ("GET /readyz",)  # 503 is one of its two answers
FUZZED = sorted(line.replace(":path}", "}") for line in NEEDED if line.replace(":path}", "}") not in APART)


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    made = Plane(write_catalog(tmp_path_factory.mktemp("fuzz")), watching=True)
    yield made
    made.stop()


@pytest.fixture(scope="module")
def schema(plane: Plane) -> BaseSchema:
    return schemathesis.openapi.from_dict(plane.client.get("/openapi.json").json())


def operations(schema: BaseSchema) -> set[str]:
    return {f"{each.ok().method.upper()} {each.ok().path}" for each in schema.get_all_operations()}


def test_every_endpoint_of_the_openapi_is_asked(schema: BaseSchema) -> None:
    assert operations(schema) - APART.keys() <= set(FUZZED)


@pytest.mark.parametrize("line", FUZZED)
def test_no_answer_is_a_bug_of_ours(plane: Plane, schema: BaseSchema, line: str) -> None:
    method, path = line.split(" ")
    if line not in operations(schema):  # a page: the OpenAPI has none of them
        assert plane.client.request(method, path).status_code < 500
        return
    modes = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    cases = st.one_of(*(schema[path][method].as_strategy(generation_mode=mode) for mode in modes))

    @settings(max_examples=examples(40), deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(case=cases)
    def ask(case: Case) -> None:
        answer = case.call(base_url=plane.url, timeout=60)
        assert answer.status_code < 500 or answer.status_code == 503, f"{answer.status_code} {answer.text}"
        if answer.status_code >= 400 and line not in NOT_READY:
            assert set(json.loads(answer.text)["error"]) >= {"code", "message", "problems"}

    ask()


def test_figures_that_would_take_forever_are_refused(plane: Plane) -> None:
    """What lies between two bins is filled when they are packed: no token may hold up the store so."""
    row = {
        "grain": 60, "at": 0, "route": "", "model": "m", "deployment": "d", "provider": "p", "numbers": {},
        "request_bins": [[-(10**12), 1], [10**12, 1]], "attempt_bins": [], "first_token_bins": [],
    }  # fmt: skip
    answer = plane.client.post("/store/usage", json={"worker": "w", "rows": [row]})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_request")
