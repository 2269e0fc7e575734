"""What becomes of LiteLLM's events in whichever order they come; the events are as 1.106 and 1.110 send them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from itertools import permutations
from types import MappingProxyType
from typing import Any

import pytest

from modelctl.hook.counted import Counted
from modelctl.usage import PROBE
from modelctl.usage.figures import Figures
from support.waiting import run_async

NOW = datetime(2026, 11, 27, 12, 0, 0)


class Limited(Exception):
    status_code = 429


class Logging:
    call_type = "anthropic_messages"
    model_call_details: Mapping[str, Any] = MappingProxyType({})


class Sink:
    def __init__(self) -> None:
        self.figures, self.errors = Figures(), list[Exception]()

    def add(self, counted: Counted) -> None:
        counted.book(self.figures)

    def failed(self, error: Exception) -> None:
        self.errors.append(error)


@pytest.fixture(scope="module", autouse=True)
def litellm_at_hand() -> None:
    """It asks the network for its prices as it is imported, unless it is told not to."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LITELLM_LOCAL_MODEL_COST_MAP", "True")
        import modelctl.hook.counting  # noqa: F401


def fresh() -> Any:
    from modelctl.hook.counting import Counting

    made = Counting()
    made.tally.sink = Sink()
    return made


@pytest.fixture
def counting() -> Any:
    return fresh()


def told(**more: Any) -> dict[str, Any]:
    request = {"body": {"model": "active"}, "headers": {}, "arrival_time": NOW.timestamp()}
    metadata = {"model_info": {"id": "id-1"}, "deployment_model_name": "fast"}
    return {
        "litellm_call_id": "call-1", "model": "active", "proxy_server_request": request, "metadata": metadata,
        "api_call_start_time": NOW, "custom_llm_provider": "openai", **more,
    }  # fmt: skip


def figures(counting: Any) -> dict[str, float]:
    assert counting.tally.sink.errors == []
    return {name: value for name, value in counting.tally.sink.figures.numbers.items() if not name.endswith("_seconds")}


def test_a_failed_request_of_one_attempt_counts_once_in_any_order() -> None:
    """The log's event is a task of its own: it may come after LiteLLM has answered the client."""
    error = Limited("too many")
    events: list[Callable[[Any], Any]] = [
        lambda counting: counting.async_log_failure_event(told(exception=error), None, NOW, NOW),
        lambda counting: counting.async_post_call_failure_hook(told(), error, None),
    ]
    for order in permutations(events):
        counting = fresh()
        run_async(counting.async_post_call_failure_deployment_hook(told(), error, None))
        for event in order:
            run_async(event(counting))
        assert figures(counting) == {
            "attempts": 1, "attempts_rate_limit": 1, "requests": 1, "failed_rate_limit": 1,
        }  # fmt: skip


def test_an_attempt_that_litellm_tells_twice_counts_once(counting: Any) -> None:
    data, error = told(litellm_logging_obj=Logging()), Limited("too many")
    run_async(counting.async_post_call_failure_deployment_hook(data, error, "aresponses"))
    run_async(counting.async_log_failure_event(told(exception=error), None, NOW, NOW))
    run_async(counting.async_post_call_failure_deployment_hook(data, error, "anthropic_messages"))
    assert figures(counting) == {"attempts": 1, "attempts_rate_limit": 1}


@pytest.mark.parametrize("retried", [False, True])
def test_a_stream_that_breaks_is_one_more_failed_attempt_also_after_a_retry(counting: Any, retried: bool) -> None:
    """The log's event comes for the first failure of a request alone."""
    if retried:
        run_async(counting.async_post_call_failure_deployment_hook(told(), Limited(), None))
        run_async(counting.async_log_failure_event(told(exception=Limited()), None, NOW, NOW))
    run_async(counting.async_post_call_response_headers_hook(told(), None, object()))
    if not retried:
        run_async(counting.async_log_failure_event(told(exception=Limited()), None, NOW, NOW))
    run_async(counting.async_post_call_failure_hook(told(), Limited(), None))
    failures = 1 + retried
    assert figures(counting) == {
        "attempts": failures, "attempts_rate_limit": failures, "requests": 1, "failed_rate_limit": 1,
    }  # fmt: skip


def test_what_never_reached_a_provider_is_no_attempt(counting: Any) -> None:
    refused = told(api_call_start_time=None, exception=ValueError())
    run_async(counting.async_log_failure_event(refused, None, NOW, NOW))
    run_async(counting.async_post_call_failure_hook(refused, ValueError(), None))
    assert figures(counting) == {"requests": 1, "failed_other": 1}


def test_an_answer_of_the_cache_is_a_request_without_an_attempt(counting: Any) -> None:
    run_async(
        counting.async_log_success_event(
            told(cache_hit=True, standard_logging_object={"model_id": "id-1"}), None, NOW, NOW
        )
    )
    assert figures(counting) == {"requests": 1, "cached": 1}


def test_probes_and_what_no_client_sent_are_not_counted(counting: Any) -> None:
    probe = told()
    probe["proxy_server_request"] = {"body": {}, "headers": {PROBE.upper(): "ping"}}
    for data in (probe, {**told(), "proxy_server_request": None}):
        run_async(counting.async_log_success_event({**data, "standard_logging_object": {"id": "x"}}, None, NOW, NOW))
        run_async(counting.async_post_call_failure_deployment_hook(data, Limited(), None))
    run_async(counting.async_post_call_failure_hook(probe, Limited(), None))
    assert figures(counting) == {}


@pytest.mark.parametrize(
    "value", [None, "text", 7, [], {"metadata": "text"}, {"standard_logging_object": {"metadata": 3}}]
)
def test_events_of_any_shape_do_no_harm(counting: Any, value: Any) -> None:
    data = value if isinstance(value, dict) else {"litellm_params": value, "metadata": value}
    run_async(counting.async_log_success_event(data, None, None, None))
    run_async(counting.async_log_failure_event(data, None, value, value))
    run_async(counting.async_post_call_failure_hook(data, Exception(), None))
    run_async(counting.async_post_call_failure_deployment_hook(data, Exception(), value))
    assert run_async(counting.async_post_call_response_headers_hook(data, None, object())) == {}
    assert figures(counting) == {}


@pytest.mark.parametrize(
    ("name", "status", "found"),
    [
        ("RateLimitError", 429, "rate_limit"), ("Timeout", 408, "timeout"), ("APITimeoutError", None, "timeout"),
        ("AuthenticationError", 401, "auth"), ("PermissionDeniedError", 403, "auth"),
        ("NotFoundError", 404, "bad_request"),
        ("ContextWindowExceededError", 400, "bad_request"), ("InternalServerError", 500, "upstream"),
        ("ServiceUnavailableError", 503, "upstream"), ("APIConnectionError", 500, "upstream"),
        ("GatewayTimeout", 504, "timeout"),
        ("ProxyException", "400", "bad_request"), ("Whatever", None, "other"),
    ],
)  # fmt: skip
def test_failures_have_the_class_that_litellm_gives_them(name: str, status: Any, found: str) -> None:
    from modelctl.hook.payload import failure_class

    assert failure_class(type(name, (Exception,), {"status_code": status})()) == found
