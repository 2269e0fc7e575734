"""LiteLLM's callbacks: they pass on to the tally what it reports, deal splits and refuse what is blocked.

Nothing here may fail or delay a request: events are queued.

LiteLLM reports an answered request once, in `async_log_success_event`, and one without an answer once, in
`async_post_call_failure_hook`. `async_log_failure_event` comes for the first failure of a request alone, whatever was
retried; a failed attempt is reported in `async_post_call_failure_deployment_hook`, except for streams that break.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from fastapi import HTTPException
from litellm.integrations.custom_logger import CustomLogger

from modelctl.hook.payload import LitellmEvent, mapping
from modelctl.hook.provenance import Provenance
from modelctl.hook.request_tally import RequestTally


class RoutedNames(Protocol):
    def refused(self, name: str) -> str | None:
        """Why a request for `name` is refused; None where it is not."""

    def deals(self, name: str) -> bool:
        """Whether the requests for `name` are dealt."""

    def deal(self, name: str, body: Mapping[str, Any], headers: Mapping[str, str], request: str) -> str | None:
        """The alias of the arm that a request gets; None where it is not dealt."""


class Counting(CustomLogger):  # type: ignore[misc]
    """Each event goes on to `tally`, once that has a sink."""

    names: RoutedNames | None = None
    provenance: Callable[[str], Provenance] | None = None  # where an answer comes from, by the name that was asked for

    def __init__(self) -> None:
        super().__init__()
        self.tally = RequestTally()

    async def async_pre_call_hook(
        self, user_api_key_dict: Any, cache: Any, data: dict[str, Any], call_type: Any
    ) -> None:
        """Before LiteLLM routes a request, and after it knows who may ask for what: a split is dealt, and a request for
        a blocked model refused, in the words of the block and in LiteLLM's form."""
        why: list[str] = []
        self._safely(self._refuse, data, why)
        if why:
            raise HTTPException(400, {"error": why[0]})
        self._safely(self._deal, data)

    async def async_log_success_event(
        self, kwargs: Mapping[str, Any], response_obj: Any, start_time: Any, end_time: Any
    ) -> None:
        self._safely(self.tally.answered, kwargs, response_obj, start_time, end_time)

    async def async_log_failure_event(
        self, kwargs: Mapping[str, Any], response_obj: Any, start_time: Any, end_time: Any
    ) -> None:
        self._safely(self.tally.stream_broken, kwargs, end_time)

    async def async_post_call_failure_deployment_hook(
        self, request_data: Mapping[str, Any], exception: Exception, call_type: Any, fallback_depth: int | None = None
    ) -> None:
        self._safely(self.tally.attempt_failed, request_data, exception, call_type)

    async def async_post_call_failure_hook(
        self, request_data: Mapping[str, Any], original_exception: Exception, user_api_key_dict: Any,
        traceback_str: str | None = None,
    ) -> None:  # fmt: skip
        self._safely(self.tally.unanswered, request_data, original_exception)

    async def async_post_call_response_headers_hook(
        self, data: Mapping[str, Any], user_api_key_dict: Any, response: Any, request_headers: Any = None,
        *, litellm_call_info: Any = None,
    ) -> dict[str, str] | None:  # fmt: skip
        """Called as an answer begins, and without a response where none will; gives the answer further headers."""
        found: dict[str, str] = {}
        self._safely(self._begins, data, response is not None, found)
        return found

    def _safely(self, count: Callable[..., None], *event: Any) -> None:
        """A failure in counting must not fail the request."""
        if (sink := self.tally.sink) is not None:
            try:
                count(*event)
            except Exception as error:
                sink.failed(error)

    def _refuse(self, data: Mapping[str, Any], why: list[str]) -> None:
        name = data.get("model")
        if self.names is not None and isinstance(name, str) and (text := self.names.refused(name)):
            why.append(text)

    def _deal(self, data: dict[str, Any]) -> None:
        name = data.get("model")
        if self.names is None or not isinstance(name, str) or not self.names.deals(name):
            return
        event = LitellmEvent(data)
        arm = self.names.deal(
            name, mapping(event.request.get("body")), mapping(event.request.get("headers")), event.call
        )
        if arm is not None:
            data["model"] = arm

    def _begins(self, data: Mapping[str, Any], answered: bool, found: dict[str, str]) -> None:
        event = LitellmEvent(data)
        if answered:
            self.tally.began(event)
        if self.provenance is None:
            return
        provenance = self.provenance(event.asked or str(data.get("model")))
        found.update(provenance.headers)
        if (requests := self.tally.requests) is not None and event.request and not event.probe:
            requests.began(event.call, provenance.origin)
