"""An MCP server has a shape on which LiteLLM does not start.

`mcp_servers` maps names to servers. `transport` is `http`, `sse` or `stdio`; `http` and `sse` need a `url`, `stdio` a
`command`. A name has no hyphen: LiteLLM puts one between the server's name and the tool's.

Before:

    mcp_servers:
      docs: {url: "https://mcp.example.com/mcp", transport: https}

After:

    mcp_servers:
      docs: {url: "https://mcp.example.com/mcp", transport: http}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from modelctl.rules import lookup
from modelctl.rules.subject import Found, Spot, Subject, nearest

SEVERITY = "error"
TRANSPORTS = ("http", "sse", "stdio")
AUTH_TYPES = (
    "none", "api_key", "bearer_token", "basic", "authorization", "oauth2", "aws_sigv4", "token",
    "oauth2_token_exchange", "oauth2_id_jag", "true_passthrough", "oauth_delegate",
)  # fmt: skip
_MEANT = {"https": "http", "streamable_http": "http", "streamable-http": "http", "streamableHttp": "http"}


def whole(subject: Subject) -> Iterator[Found]:
    servers = subject.sections.get("mcp_servers")
    if not servers:
        return
    if not isinstance(servers, Mapping):
        yield Found("`mcp_servers` maps names to servers", subject.at("mcp_servers"), "NAME: {url: URL}")
        return
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


def _is_wrong(value: Any, known: tuple[str, ...]) -> bool:
    return value not in known and not (isinstance(value, str) and lookup.is_put_off(value))
