"""LiteLLM cannot read the OpenAPI file of an MCP server, and does not start.

`spec_path` is a JSON file, looked for from the folder in which LiteLLM is started, or an address. Of addresses LiteLLM
asks only public ones, unless `litellm_settings.user_url_allowed_hosts` names the host or `user_url_validation` is off.
A file that is missing here may be there where LiteLLM runs: then this is a warning.

Before:

    mcp_servers:
      pets: {spec_path: pets.yaml}

After:

    mcp_servers:
      pets: {spec_path: pets.json}
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from modelctl.check.found import Found, Spot
from modelctl.check.listed import ENDS
from modelctl.check.subject import Subject
from modelctl.litellm_spec.value_shapes import is_put_off

SEVERITY = "error"


def whole(subject: Subject) -> Iterator[Found]:
    for name, server in subject.section("mcp_servers").items():
        path = server.get("spec_path") if isinstance(server, Mapping) else None
        if isinstance(path, str) and path and not is_put_off(path):
            spot = subject.at("mcp_servers", name, "spec_path", value=True)
            yield from _of_address(path, subject, spot) if "://" in path else _of_file(path, subject, spot)


def _of_file(path: str, subject: Subject, spot: Spot) -> Iterator[Found]:
    look = subject.machine.json(path) if subject.machine else "there"
    if look == "unfit":
        yield Found(f"`{path}` is no JSON, as which LiteLLM reads `spec_path`: {ENDS}", spot)
    elif look == "no file":
        yield Found(f"there is no file `{path}` here: without it {ENDS}", spot, severity="warning")


def _of_address(address: str, subject: Subject, spot: Spot) -> Iterator[Found]:
    settings = subject.section("litellm_settings")
    host = _inner_host(address)
    if host and settings.get("user_url_validation") is not False and not _is_allowed(address, settings):
        yield Found(f"LiteLLM asks no inner address as `{host}`: {ENDS}", spot, f"user_url_allowed_hosts: [{host}]")


def _inner_host(address: str) -> str | None:
    """The host, where it says by itself that it is not a public one."""
    try:
        host = urlsplit(address).hostname or ""
        return host if host == "localhost" or not ipaddress.ip_address(host).is_global else None
    except ValueError:
        return None


def _is_allowed(address: str, settings: Mapping[str, Any]) -> bool:
    allowed = settings.get("user_url_allowed_hosts")
    host = (urlsplit(address).hostname or "").lower()
    named = [str(each).strip().lower() for each in allowed] if isinstance(allowed, list) else []
    return is_put_off(allowed) or any(each.strip("[]") == host or each.startswith((f"{host}:", "[")) for each in named)
