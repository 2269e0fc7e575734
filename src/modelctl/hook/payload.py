"""Reads LiteLLM's events, whose format may change: only names, numbers and times, never content, keys or users."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from modelctl.usage import PROBE

LONGEST = 200  # characters of a name
_BY_STATUS = {401: "auth", 403: "auth", 408: "timeout", 429: "rate_limit", 504: "timeout"}
_BY_NAME = (
    ("RateLimit", "rate_limit"), ("Timeout", "timeout"), ("Authentication", "auth"), ("PermissionDenied", "auth"),
    ("BadRequest", "bad_request"), ("ContextWindow", "bad_request"), ("ContentPolicy", "bad_request"),
    ("UnprocessableEntity", "bad_request"), ("NotFound", "bad_request"), ("MissingRequired", "bad_request"),
    ("InternalServer", "upstream"), ("ServiceUnavailable", "upstream"), ("BadGateway", "upstream"),
    ("Connection", "upstream"), ("MidStream", "upstream"), ("ReadError", "upstream"),
)  # fmt: skip
_METADATA = ("litellm_metadata", "metadata")  # the first counts
_LIMITS = {
    "requests": "x_ratelimit_remaining_requests", "requests_limit": "x_ratelimit_limit_requests",
    "tokens": "x_ratelimit_remaining_tokens", "tokens_limit": "x_ratelimit_limit_tokens",
}  # fmt: skip


def mapping(value: object) -> Mapping[str, Any]:
    """What is asked of each event twenty times: the check of an abstract class costs ten times that of a type."""
    return value if type(value) is dict or isinstance(value, Mapping) else {}


def text(value: object) -> str:
    return value[:LONGEST] if isinstance(value, str) else ""


def whole(value: object) -> int:
    return int(value) if isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0 else 0


def failure_class(error: object) -> str:
    """One of `figures.CLASSES`, by the status that LiteLLM gives the error, else by its name."""
    status = getattr(error, "status_code", None) or getattr(error, "code", None)
    try:
        number = int(status)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        number = 0
    return failure_named(type(error).__name__, number)


def failure_named(name: str, number: int) -> str:
    """One of `figures.CLASSES`, by the name of an exception and an HTTP status (0: none)."""
    by_name = next((found for part, found in _BY_NAME if part in name), None)
    if by_name in ("timeout", "rate_limit"):
        return str(by_name)
    if number in _BY_STATUS:
        return _BY_STATUS[number]
    if 400 <= number < 500:
        return "bad_request"
    if number >= 500:
        return "upstream"
    return by_name or "other"


class LitellmEvent:
    """One event's `kwargs` (or `request_data`), whichever of LiteLLM's callbacks it came with."""

    def __init__(self, kwargs: Mapping[str, Any]) -> None:
        logging = mapping(getattr(kwargs.get("litellm_logging_obj"), "model_call_details", None))
        self._details = logging or kwargs
        given = mapping(kwargs.get("litellm_params")) or mapping(logging.get("litellm_params"))
        self._metadata = [
            found for where in (kwargs, given) for name in _METADATA if (found := mapping(where.get(name)))
        ]
        self.request = mapping(kwargs.get("proxy_server_request")) or mapping(given.get("proxy_server_request"))
        self.payload = mapping(kwargs.get("standard_logging_object"))
        self.call = text(kwargs.get("litellm_call_id") or logging.get("litellm_call_id"))
        self._kwargs = kwargs

    def metadata(self, name: str) -> Any:
        """What LiteLLM or the client notes of the request; it stands in up to four places."""
        return next((found[name] for found in self._metadata if name in found), None)

    @property
    def probe(self) -> bool:
        return any(str(name).lower() == PROBE for name in mapping(self.request.get("headers")))

    @property
    def asked(self) -> str:
        """The name that the client sent; the path of some endpoints holds it, and then it is the Router's."""
        body = mapping(self.request.get("body"))
        return text(body.get("model") or self.metadata("original_model_group") or self.metadata("model_group"))

    @property
    def deployment(self) -> str:
        return text(self.payload.get("model_id") or mapping(self.metadata("model_info")).get("id"))

    @property
    def served(self) -> str:
        """The public name of the deployment that was called."""
        return text(self.metadata("deployment_model_name") or self.metadata("model_group"))

    @property
    def provider(self) -> str:
        found = self.payload.get("custom_llm_provider") or self._kwargs.get("custom_llm_provider")
        return text(found or self._details.get("custom_llm_provider"))

    @property
    def arrived(self) -> float | None:
        at = self.request.get("arrival_time")
        return float(at) if isinstance(at, (int, float)) else None

    @property
    def called(self) -> float | None:
        """When the provider was called for the last time, UTC seconds."""
        return moment(self._details.get("api_call_start_time")) or moment(self._kwargs.get("api_call_start_time"))

    def tokens(self) -> dict[str, int]:
        """As the provider reported them; else LiteLLM's own estimate."""
        usage = mapping(mapping(self.payload.get("metadata")).get("usage_object"))
        prompt, answer = (
            _details(usage, "prompt_tokens_details", "input_tokens_details"),
            _details(usage, "completion_tokens_details", "output_tokens_details"),
        )
        found = {
            "prompt_tokens": whole(self.payload.get("prompt_tokens")),
            "completion_tokens": whole(self.payload.get("completion_tokens")),
            "cached_read_tokens": whole(prompt.get("cached_tokens")) or whole(usage.get("cache_read_input_tokens")),
            "cache_creation_tokens": whole(prompt.get("cache_creation_tokens"))
            or whole(usage.get("cache_creation_input_tokens")),
            "reasoning_tokens": whole(answer.get("reasoning_tokens")),
        }
        return {name: count for name, count in found.items() if count}

    def cost(self) -> float | None:
        """USD as LiteLLM computed it. It also reports 0 where nobody stated a price: then the cost is unknown."""
        cost = self._kwargs.get("response_cost")
        if not isinstance(cost, (int, float)) or self.payload.get("zero_cost_diagnostic"):
            return None
        return float(cost) if cost or self._free() else None

    def limits(self) -> dict[str, int]:
        """What is left of the provider's limits, by the fields of `cooldown.RateLimit`; empty where it did not say."""
        headers = mapping(mapping(self.payload.get("hidden_params")).get("additional_headers"))
        return {name: headers[key] for name, key in _LIMITS.items() if isinstance(headers.get(key), int)}

    def _free(self) -> bool:
        """Whether a price of 0 was written down, by the deployment or in LiteLLM's map; its reader makes up zeros."""
        import litellm  # loaded long ago where events come from; seconds for whoever only names failures

        key = text(mapping(self.payload.get("model_map_information")).get("model_map_key"))
        known = (litellm.model_cost.get(key), litellm.model_cost.get(key.partition("/")[2]))
        return any(_priced(mapping(each)) for each in (self.metadata("model_info"), *known))


def _details(usage: Mapping[str, Any], chat: str, responses: str) -> Mapping[str, Any]:
    """Chat completions and responses have different names for it."""
    return mapping(usage.get(chat)) or mapping(usage.get(responses))


def _priced(info: Mapping[str, Any]) -> bool:
    return any("cost" in name and isinstance(value, (int, float)) for name, value in info.items())


def moment(value: object) -> float | None:
    return (
        value.timestamp() if isinstance(value, datetime) else float(value) if isinstance(value, (int, float)) else None
    )
