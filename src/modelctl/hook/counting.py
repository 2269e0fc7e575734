"""Counts the events that LiteLLM reports to this worker. Nothing here may fail or delay a request: events are queued.

LiteLLM tells of a request that was answered once, in `async_log_success_event`, and of one that was not once, in
`async_post_call_failure_hook`. `async_log_failure_event` comes for the first failure of a request alone, whatever was
retried; each attempt that failed is told in `async_post_call_failure_deployment_hook`, but for streams that break.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from litellm.integrations.custom_logger import CustomLogger

from modelctl.hook.counted import Attempt, Counted, NotCounted, Request
from modelctl.hook.payload import Told, failure_class, mapping, moment
from modelctl.usage.figures import Series

MOST_OPEN = 10_000  # requests that are remembered between two events
LATE = 900.0  # seconds without an event after the answer began: LiteLLM will not report the end
NONE = "none"  # no provider was called
UNKNOWN = "other"  # a name that this proxy does not offer


class Sink(Protocol):
    def add(self, counted: Counted) -> None: ...
    def failed(self, error: Exception) -> None: ...


class KnownNames(Protocol):
    def target(self, name: str) -> str | None:
        """The public name that serves `name` now; None where nothing has that name."""

    def asked(self, name: str) -> str:
        """What the client sent, where a request was dealt to an arm of a split."""

    def deals(self, name: str) -> bool:
        """Whether the requests for `name` are dealt."""

    def deal(self, name: str, body: Mapping[str, Any], headers: Mapping[str, str], request: str) -> str | None:
        """The alias of the arm that a request gets; None where it is not dealt."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A request whose answer began at `at`. `retried`: an earlier attempt had failed."""

    at: float
    series: Series
    retried: bool


class Counting(CustomLogger):  # type: ignore[misc]
    """Counts once `sink` and `names` are there."""

    sink: Sink | None = None
    names: KnownNames | None = None
    stamp: Callable[[str], dict[str, str]] | None = None  # headers of an answer, by the name that was asked for

    def __init__(self) -> None:
        super().__init__()
        self._last: OrderedDict[str, Series] = OrderedDict()  # request -> what was called for it last
        self._begun: OrderedDict[str, Begun] = OrderedDict()  # the answer began, and no end has been reported

    async def async_pre_call_hook(
        self, user_api_key_dict: Any, cache: Any, data: dict[str, Any], call_type: Any
    ) -> None:
        """Before LiteLLM routes a request, and after it knows who may ask for what: a split is dealt."""
        self._safely(self._deal, data)

    async def async_log_success_event(
        self, kwargs: Mapping[str, Any], response_obj: Any, start_time: Any, end_time: Any
    ) -> None:
        self._safely(self._answer, kwargs, start_time, end_time)

    async def async_log_failure_event(
        self, kwargs: Mapping[str, Any], response_obj: Any, start_time: Any, end_time: Any
    ) -> None:
        self._safely(self._broken_stream, kwargs, end_time)

    async def async_post_call_failure_deployment_hook(
        self, request_data: Mapping[str, Any], exception: Exception, call_type: Any, fallback_depth: int | None = None
    ) -> None:
        self._safely(self._attempt, request_data, exception, call_type)

    async def async_post_call_failure_hook(
        self, request_data: Mapping[str, Any], original_exception: Exception, user_api_key_dict: Any,
        traceback_str: str | None = None,
    ) -> None:  # fmt: skip
        self._safely(self._no_answer, request_data, original_exception)

    async def async_post_call_response_headers_hook(
        self, data: Mapping[str, Any], user_api_key_dict: Any, response: Any, request_headers: Any = None,
        litellm_call_info: Any = None,
    ) -> dict[str, str] | None:  # fmt: skip
        """Called as an answer begins, and without a response where none will; gives the answer further headers."""
        if response is not None:
            self._safely(self._begin, data)
        found: dict[str, str] = {}
        if self.stamp is not None:
            self._safely(lambda stamp: found.update(stamp(Told(data).asked or str(data.get("model")))), self.stamp)
        return found

    def _safely(self, count: Callable[..., None], *event: Any) -> None:
        """A failure in counting must not fail the request."""
        if self.sink is not None:
            try:
                count(*event)
            except Exception as error:
                self.sink.failed(error)

    def _deal(self, data: dict[str, Any]) -> None:
        name = data.get("model")
        if self.names is None or not isinstance(name, str) or not self.names.deals(name):
            return
        told = Told(data)
        arm = self.names.deal(name, mapping(told.request.get("body")), mapping(told.request.get("headers")), told.call)
        if arm is not None:
            data["model"] = arm

    # -- what happened -------------------------------------------------------------------------

    def _begin(self, data: Mapping[str, Any]) -> None:
        told, now = Told(data), time.time()
        if told.call and told.request and not told.probe:
            _keep(self._begun, told.call, Begun(now, self._series(told), told.call in self._last))
        while self._begun and next(iter(self._begun.values())).at < now - LATE:
            _, begun = self._begun.popitem(last=False)
            self._add(NotCounted(now, begun.series))

    def _answer(self, kwargs: Mapping[str, Any], start_time: Any, end_time: Any) -> None:
        told = Told(kwargs)
        if not told.request or told.probe or not told.payload:
            return
        ended, series, cached = moment(end_time) or time.time(), self._series(told), bool(kwargs.get("cache_hit"))
        if not cached:
            self._add(self._answered(told, series, ended, moment(start_time)))
        seconds = None if told.arrived is None else ended - told.arrived
        self._add(Request(time.time(), series, seconds, cached=cached, closed=_closed(told)))
        self._begun.pop(told.call, None)
        self._last.pop(told.call, None)

    def _broken_stream(self, kwargs: Mapping[str, Any], end_time: Any) -> None:
        """A provider was called, and no attempt has been told as failed: it failed after its answer had begun."""
        told, ended = Told(kwargs), moment(end_time) or time.time()
        if self._is_attempt(told) and told.called is not None and told.call not in self._last:
            first = moment(kwargs.get("completion_start_time")) if kwargs.get("stream") else None
            self._failed_attempt(told, kwargs.get("exception"), ended, first if first and first < ended else None)

    def _attempt(self, request_data: Mapping[str, Any], exception: Exception, call_type: Any) -> None:
        told = Told(request_data)
        if self._is_attempt(told):
            if _outermost(request_data, call_type):
                self._failed_attempt(told, exception, time.time())
            _keep(
                self._last, told.call, self._series(told)
            )  # LiteLLM reports the inner failure before `_broken_stream`

    def _no_answer(self, request_data: Mapping[str, Any], exception: Exception) -> None:
        told, now = Told(request_data), time.time()
        if told.probe or not request_data.get("model"):
            return
        begun, last = self._begun.pop(told.call, None), self._last.get(told.call)
        if begun is not None and begun.retried:  # LiteLLM reports only the first failure
            self._add(Attempt(now, begun.series, now - begun.at, failed=failure_class(exception)))
        series = (begun and begun.series) or last or self._unserved(str(request_data["model"]))
        seconds = None if told.arrived is None else now - told.arrived
        self._add(Request(now, series, seconds, failed=failure_class(exception)))
        # `_last` stays: the log's event of the first failure may come after this.

    # -- inside --------------------------------------------------------------------------------

    def _add(self, counted: Counted) -> None:
        if self.sink is not None:
            self.sink.add(counted)

    @staticmethod
    def _is_attempt(told: Told) -> bool:
        return bool(told.request and told.deployment and not told.probe)

    def _answered(self, told: Told, series: Series, ended: float, started: float | None) -> Attempt:
        began = told.called or started or ended
        first = moment(told.payload.get("completionStartTime")) if told.payload.get("stream") else None
        return Attempt(
            time.time(), series, ended - began, tokens=told.tokens(), cost=told.cost(),
            first_token=None if first is None else first - began,
        )  # fmt: skip

    def _failed_attempt(self, told: Told, error: object, ended: float, first: float | None = None) -> None:
        series = self._series(told)
        began = told.called or ended
        self._add(Attempt(
            time.time(), series, ended - began, failed=failure_class(error),
            first_token=None if first is None else first - began,
        ))  # fmt: skip
        _keep(self._last, told.call, series)

    def _series(self, told: Told) -> Series:
        asked = self.names.asked(told.asked) if self.names else told.asked
        return Series(asked or UNKNOWN, told.served or UNKNOWN, told.deployment or NONE, told.provider or UNKNOWN)

    def _unserved(self, asked: str) -> Series:
        """No provider was called. Anybody can send any name, so only those that are offered are kept."""
        target = self.names.target(asked) if self.names else None
        asked = self.names.asked(asked) if self.names else asked
        return Series(asked if target else UNKNOWN, target or UNKNOWN, NONE, NONE)


def _keep(found: OrderedDict[str, Any], key: str, value: object) -> None:
    found[key] = value
    if len(found) > MOST_OPEN:
        found.popitem(last=False)


def _closed(told: Told) -> bool:
    """The client went away before the end."""
    information = told.payload.get("error_information") or {}
    return str(information.get("error_code") or "") == "499"


def _outermost(request_data: Mapping[str, Any], call_type: Any) -> bool:
    """LiteLLM serves some endpoints through others and reports the attempt for both: it counts once."""
    whole = getattr(request_data.get("litellm_logging_obj"), "call_type", None)
    return whole is None or getattr(call_type, "value", call_type) in (None, whole)
