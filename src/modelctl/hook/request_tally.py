"""What each event of LiteLLM means for the figures: requests and attempts, under the names that they belong to.

Nothing here may fail or delay a request: what is counted is queued in `Sink`.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from modelctl.hook.begun_requests import BegunRequest, BegunRequests
from modelctl.hook.counted import Attempt, Counted, NotCounted, Request
from modelctl.hook.payload import LitellmEvent, failure_class, mapping, moment, text
from modelctl.hook.request_log import RequestLog
from modelctl.hook.validity import parsed
from modelctl.state.request_record import TriedCall
from modelctl.usage.figures import Series

MOST_OPEN = 10_000  # requests that are remembered between two events
NONE = "none"  # no provider was called
UNKNOWN = "other"  # a name that this proxy does not offer


class Sink(Protocol):
    def add(self, counted: Counted) -> None: ...
    def failed(self, error: Exception) -> None: ...


class SeriesNames(Protocol):
    def target(self, name: str) -> str | None:
        """The public name that serves `name` now; None where nothing has that name."""

    def asked(self, name: str) -> str:
        """What the client sent, where a request was dealt to an arm of a split."""


class RequestTally:
    """Counts once `sink` and `names` are there."""

    sink: Sink | None = None
    names: SeriesNames | None = None
    requests: RequestLog | None = None  # how each request went
    tag: Callable[[LitellmEvent], str] | None = None  # what usage is grouped by beside these names
    note: Callable[[LitellmEvent], None] | None = None  # told of each answer

    def __init__(self) -> None:
        self._last: OrderedDict[str, Series] = OrderedDict()  # request -> the deployment that was called last
        self._begun = BegunRequests()

    def began(self, event: LitellmEvent) -> None:
        """An answer begins."""
        if event.call and event.request and not event.probe:
            self._begun.began(event.call, BegunRequest(time.time(), self._series(event), event.call in self._last))

    def note_overdue(self, now: float) -> None:
        """Count the requests whose end nobody will report; called by another thread, every second."""
        for begun in self._begun.overdue(now):
            self._add(NotCounted(now, begun.series))

    def answered(self, kwargs: Mapping[str, Any], response: object, start_time: object, end_time: object) -> None:
        """A request is over, with an answer from a provider or from the cache."""
        event = LitellmEvent(kwargs)
        if not event.request or event.probe or not event.payload:
            return
        ended, series, cached = moment(end_time) or time.time(), self._series(event), bool(kwargs.get("cache_hit"))
        if not cached:
            began = event.called or moment(start_time) or ended
            self._attempted(event.call, _answered_call(event, series, response, began=began, ended=ended))
            if self.note is not None:
                self.note(event)
        seconds = None if event.arrived is None else ended - event.arrived
        request = Request(time.time(), series, seconds, cached=cached, closed=_closed(event))
        self._ended(event, request, text(event.payload.get("id")) or None)
        self._begun.ended(event.call)
        self._last.pop(event.call, None)

    def stream_broken(self, kwargs: Mapping[str, Any], end_time: Any) -> None:
        """A provider was called, and no attempt was reported as failed: it failed after its answer had begun."""
        event, ended = LitellmEvent(kwargs), moment(end_time) or time.time()
        if self._is_attempt(event) and event.called is not None and event.call not in self._last:
            first = moment(kwargs.get("completion_start_time")) if kwargs.get("stream") else None
            self._failed_attempt(event, kwargs.get("exception"), ended, first if first and first < ended else None)

    def attempt_failed(self, request_data: Mapping[str, Any], exception: Exception, call_type: Any) -> None:
        """A call of a provider failed; LiteLLM may try again, or fall back."""
        event = LitellmEvent(request_data)
        if self._is_attempt(event):
            if _outermost(request_data, call_type):
                self._failed_attempt(event, exception, time.time())
            # LiteLLM reports the inner failure before `stream_broken`.
            _keep(self._last, event.call, self._series(event))

    def unanswered(self, request_data: Mapping[str, Any], exception: Exception) -> None:
        """A request is over, and its client got an error."""
        event, now = LitellmEvent(request_data), time.time()
        if event.probe or not request_data.get("model"):
            return
        begun, last = self._begun.ended(event.call), self._last.get(event.call)
        if begun is not None and begun.retried:  # LiteLLM reports only the first failure
            retried = Attempt(now, begun.series, now - begun.at, failed=failure_class(exception))
            self._attempted(event.call, retried, exception)
        series = (begun and begun.series) or last or self._unserved(str(request_data["model"]), event)
        seconds = None if event.arrived is None else now - event.arrived
        self._ended(event, Request(now, series, seconds, failed=failure_class(exception)))
        # `_last` stays: the log's event of the first failure may come after this.

    def _add(self, counted: Counted) -> None:
        if self.sink is not None:
            self.sink.add(counted)

    def _attempted(self, call: str, attempt: Attempt, error: object = None) -> None:
        self._add(attempt)
        if self.requests is not None:
            name, by = type(error).__name__ if attempt.failed and error is not None else None, attempt.series
            seconds = round(max(attempt.seconds, 0.0), 4)
            self.requests.tried(call, TriedCall(by.model, by.deployment, by.provider, seconds, attempt.failed, name))

    def _ended(self, event: LitellmEvent, request: Request, response: str | None = None) -> None:
        self._add(request)
        if self.requests is not None and event.request:
            outcome = "failed" if request.failed else "closed" if request.closed else "cached" if request.cached else ""
            self.requests.ended(
                event.call, event.arrived or request.at, request.series.route, outcome or "answered",
                response=response, seconds=None if request.seconds is None else round(request.seconds, 4),
                failed=request.failed,
            )  # fmt: skip

    @staticmethod
    def _is_attempt(event: LitellmEvent) -> bool:
        return bool(event.request and event.deployment and not event.probe)

    def _failed_attempt(self, event: LitellmEvent, error: object, ended: float, first: float | None = None) -> None:
        series = self._series(event)
        began = event.called or ended
        failed = Attempt(
            time.time(), series, ended - began, failed=failure_class(error),
            first_token=None if first is None else first - began,
        )  # fmt: skip
        self._attempted(event.call, failed, error)
        _keep(self._last, event.call, series)

    def _series(self, event: LitellmEvent) -> Series:
        asked = self.names.asked(event.asked) if self.names else event.asked
        names = asked or UNKNOWN, event.served or UNKNOWN, event.deployment or NONE, event.provider or UNKNOWN
        return Series(*names, self.tag(event) if self.tag else "")

    def _unserved(self, asked: str, event: LitellmEvent) -> Series:
        """No provider was called. Clients can send any name, so only names that are offered get a series."""
        target = self.names.target(asked) if self.names else None
        asked = self.names.asked(asked) if self.names else asked
        names = asked if target else UNKNOWN, target or UNKNOWN, NONE, NONE
        return Series(*names, self.tag(event) if self.tag else "")


def _keep(requests: OrderedDict[str, Any], key: str, value: object) -> None:
    requests[key] = value
    if len(requests) > MOST_OPEN:
        requests.popitem(last=False)


def _answered_call(event: LitellmEvent, series: Series, response: object, *, began: float, ended: float) -> Attempt:
    first = moment(event.payload.get("completionStartTime")) if event.payload.get("stream") else None
    return Attempt(
        time.time(), series, ended - began, tokens=event.tokens(), cost=event.cost(),
        first_token=None if first is None else first - began,
        parsed=parsed(mapping(event.request.get("body")), response),
    )  # fmt: skip


def _closed(event: LitellmEvent) -> bool:
    """The client went away before the end."""
    information = event.payload.get("error_information") or {}
    return str(information.get("error_code") or "") == "499"


def _outermost(request_data: Mapping[str, Any], call_type: Any) -> bool:
    """LiteLLM serves some endpoints through others and reports the attempt for both: it counts once."""
    whole = getattr(request_data.get("litellm_logging_obj"), "call_type", None)
    return whole is None or getattr(call_type, "value", call_type) in (None, whole)
