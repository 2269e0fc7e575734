"""An MCP server has a shape on which LiteLLM does not start, or that nobody can call.

`mcp_servers` maps names to servers. `transport` is `http`, `sse` or `stdio`; `http` and `sse` need a `url`, `stdio` a
`command`. A name has no hyphen: LiteLLM puts one between the server's name and the tool's. `auth_type: oauth2` says its
`oauth2_flow`.

Before:

    mcp_servers:
      docs: {url: "https://mcp.example.com/mcp", transport: https}

After:

    mcp_servers:
      docs: {url: "https://mcp.example.com/mcp", transport: http}
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from modelctl.check.found import Found, Spot, nearest
from modelctl.check.listed import ENDS
from modelctl.check.subject import Subject
from modelctl.errors import Severity
from modelctl.litellm_spec.value_shapes import (
    COUNT,
    FILLED_TEXT,
    MAPPING,
    MAPPING_OF_LISTS,
    MAPPING_OF_TEXTS,
    MAPPINGS,
    NUMBER,
    PLAIN_BOOLEAN,
    TEXT,
    TEXTS,
    Shape,
    is_put_off,
    one_of,
)

SEVERITY = "error"
TRANSPORTS = ("http", "sse", "stdio")
AUTH_TYPES = (
    "none", "api_key", "bearer_token", "basic", "authorization", "oauth2", "aws_sigv4", "token",
    "oauth2_token_exchange", "oauth2_id_jag", "true_passthrough", "oauth_delegate",
)  # fmt: skip
_FLOWS = ("client_credentials", "authorization_code")
_BRIDGED = ("true_passthrough", "oauth_delegate")
_SHAPES: Mapping[str, Shape] = {
    **dict.fromkeys(("url", "command", "spec_path", "alias", "instructions", "client_id", "client_secret"), TEXT),
    **dict.fromkeys(("auth_value", "authentication_token", "audience", "token_exchange_endpoint"), TEXT),
    **dict.fromkeys(("args", "extra_headers", "allowed_tools", "disallowed_tools", "access_groups"), TEXTS),
    **dict.fromkeys(("env", "static_headers"), MAPPING_OF_TEXTS),
    **dict.fromkeys(("mcp_info", "token_validation", "oauth_identity_binding"), MAPPING),
    **dict.fromkeys(("rpm", "max_concurrent_requests"), COUNT),
    **dict.fromkeys(("dcr_bridge", "per_server_oauth_discovery"), PLAIN_BOOLEAN),
    "allowed_params": MAPPING_OF_LISTS,
    "env_vars": MAPPINGS,
    "timeout": NUMBER,
    "server_id": FILLED_TEXT,
    "protocol_version": one_of(("auto", "2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28")),
}
_MEANT = {"https": "http", "streamable_http": "http", "streamable-http": "http", "streamableHttp": "http"}


def whole(subject: Subject) -> Iterator[Found]:
    servers = subject.sections.get("mcp_servers")
    if not servers:
        return
    if not isinstance(servers, Mapping):
        yield Found("`mcp_servers` maps names to servers", subject.at("mcp_servers"), "NAME: {url: URL}")
        return
    yield from _of_aliases(subject)
    yield from _of_ids(subject, servers)
    for name, server in servers.items():
        spot = subject.at("mcp_servers", name)
        if "-" in str(name):
            text = f"the name of the MCP server `{name}` has a hyphen: LiteLLM does not start"
            yield Found(text, spot, str(name).replace("-", "_"))
        if isinstance(server, Mapping):
            yield from _of_server(str(name), server, spot)
        else:
            yield Found(f"the MCP server `{name}` is a mapping: LiteLLM does not start", spot, f"{name}: {{url: URL}}")


def _of_server(name: str, server: Mapping[str, Any], spot: Spot) -> Iterator[Found]:
    transport = server.get("transport", "http")
    if _is_wrong(transport, TRANSPORTS):
        text = f"the MCP server `{name}` has no transport `{transport}`: LiteLLM does not start"
        meant = _MEANT.get(str(transport))
        hint = f"transport: {meant}" if meant else f"there are {', '.join(TRANSPORTS)}"
        yield Found(text, spot.inside("transport", value=True), hint)
    auth = server.get("auth_type")
    if auth is not None and _is_wrong(auth, AUTH_TYPES):
        text = f"the MCP server `{name}` has no `auth_type` `{auth}`: LiteLLM does not start"
        yield Found(text, spot.inside("auth_type", value=True), nearest(str(auth), AUTH_TYPES))
    for key, shape in _SHAPES.items():
        if not shape.fits(server.get(key)):
            text = f"`{key}` of the MCP server `{name}` takes {shape.words}: {ENDS}"
            yield Found(text, spot.inside(key, value=True))
    yield from _of_oauth(name, server, spot)
    yield from _of_address(name, server, transport, spot)


def _of_oauth(name: str, server: Mapping[str, Any], spot: Spot) -> Iterator[Found]:
    flow, auth = server.get("oauth2_flow"), server.get("auth_type")
    if auth == "oauth2" and _is_wrong(flow, _FLOWS):
        text = f"the MCP server `{name}` has `auth_type: oauth2` without a known `oauth2_flow`: {ENDS}"
        level: Severity = "warning" if flow is None else "error"  # before 1.106 a flow was not asked for
        where = spot.inside("auth_type" if flow is None else "oauth2_flow")
        yield Found(text, where, f"oauth2_flow: one of {', '.join(_FLOWS)}", level)
    if server.get("dcr_bridge") is True and _is_wrong(auth, _BRIDGED):
        text = f"`dcr_bridge` of the MCP server `{name}` goes with `auth_type` {' or '.join(_BRIDGED)}: {ENDS}"
        yield Found(text, spot.inside("dcr_bridge"))


def _of_address(name: str, server: Mapping[str, Any], transport: object, spot: Spot) -> Iterator[Found]:
    """LiteLLM starts; nobody can call a tool of it."""
    key = "command" if transport == "stdio" else "url"
    if transport in TRANSPORTS and not server.get(key) and not server.get("spec_path"):
        hint = "transport: stdio" if key == "url" and server.get("command") else f"{key}: {key.upper()}"
        yield Found(f"the MCP server `{name}` has no `{key}`: each call of its tools fails", spot, hint)


def _of_aliases(subject: Subject) -> Iterator[Found]:
    settings = subject.sections.get("litellm_settings", {})
    if settings is None and subject.kind == "config":
        text = f"`litellm_settings` is empty, and there are MCP servers: {ENDS}"
        yield Found(text, subject.at("litellm_settings"), "litellm_settings: {}")
    aliases = subject.section("litellm_settings").get("mcp_aliases")
    if aliases and not isinstance(aliases, Mapping) and not is_put_off(aliases):
        text = f"`mcp_aliases` takes a mapping: {ENDS}"
        yield Found(text, subject.at("litellm_settings", "mcp_aliases", value=True), "{ALIAS: SERVER}")


def _of_ids(subject: Subject, servers: Mapping[Any, Any]) -> Iterator[Found]:
    """A `server_id` of one's own must be nobody else's id, name or alias."""
    pinned = {
        name: server["server_id"]
        for name, server in servers.items()
        if isinstance(server, Mapping) and isinstance(server.get("server_id"), str)
    }
    times = Counter(pinned.values())
    for name, id_ in pinned.items():
        others = {each for other, server in servers.items() if other != name for each in _names(other, server)}
        if times[id_] > 1 or id_ in others:
            text = f"the `server_id` of the MCP server `{name}` is also that or the name of another one: {ENDS}"
            yield Found(text, subject.at("mcp_servers", name, "server_id", value=True))


def _names(name: object, server: object) -> Iterator[Any]:
    yield name
    if isinstance(server, Mapping) and isinstance(server.get("alias"), str):
        yield server["alias"]


def _is_wrong(value: object, known: tuple[str, ...]) -> bool:
    return value not in known and not is_put_off(value)
