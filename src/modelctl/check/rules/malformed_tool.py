"""A search, sandbox or MCP tool on which LiteLLM does not start, or that no request can use.

`search_tools` and `sandbox_tools` have a name and a provider under `litellm_params`; an item of `mcp_tools` has `name`,
`description` and `handler`, a Python function (`module.function`). A sandbox or MCP tool without one of these is passed
over; a search tool without one is there, and each search with it fails.

Before:

    search_tools:
      - search_tool_name: web
        search_provider: tavily

After:

    search_tools:
      - search_tool_name: web
        litellm_params: {search_provider: tavily, api_key: os.environ/TAVILY_API_KEY}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from modelctl.check import listed
from modelctl.check.found import Found, Spot, nearest
from modelctl.check.listed import ENDS, WITHOUT
from modelctl.check.subject import Subject
from modelctl.litellm_spec import lookup
from modelctl.litellm_spec.value_shapes import MAPPING

SEVERITY = "error"
SEARCH = frozenset(
    {
        "perplexity", "tavily", "parallel_ai", "exa_ai", "brave", "google_pse", "dataforseo", "firecrawl", "fastcrw",
        "searxng", "linkup", "duckduckgo", "searchapi", "serper", "you_com", "apiserpent", "tinyfish", "agentcore",
        "nimble", "bing_grounding", "deepseek", "xai",
    }
)  # fmt: skip
"""Those of the LiteLLM lines from 1.106 to 1.110 together."""
SANDBOX = frozenset({"e2b", "opensandbox"})
_KINDS = {
    "search_tools": ("search_tool_name", "search_provider", SEARCH, ENDS, "each search with it fails"),
    "sandbox_tools": ("sandbox_tool_name", "sandbox_provider", SANDBOX, WITHOUT, "LiteLLM starts without it"),
}
_MCP_HINT = "{name: NAME, description: TEXT, handler: MODULE.FUNCTION, input_schema: {type: object, properties: {}}}"
_MCP = ("name", "description", "handler")


def whole(subject: Subject) -> Iterator[Found]:
    for section, (name, provider, known, shapeless, effect) in _KINDS.items():
        hint = f"{{{name}: NAME, litellm_params: {{{provider}: {min(known)}}}}}"
        yield from listed.misshapen(subject, section, hint, shapeless)
        for tool, spot in listed.items(subject, section):
            params = tool.get("litellm_params", {})
            if not isinstance(params, Mapping):
                yield Found(f"`litellm_params` of a tool takes a mapping: {ENDS}", spot.inside("litellm_params"), hint)
            elif not tool.get(name) or not params.get(provider):
                text = f"a tool has a `{name}` and, under `litellm_params`, a `{provider}`: {effect}"
                yield Found(text, spot, hint)
            else:
                yield from _of_provider(params[provider], known, spot.inside("litellm_params", provider, value=True))
    yield from _of_mcp(subject)


def _of_provider(value: object, known: frozenset[str], spot: Spot) -> Iterator[Found]:
    if value not in known and not (isinstance(value, str) and lookup.is_put_off(value)):
        text = f"LiteLLM has no such provider of tools, `{value}`: each call of it fails"
        yield Found(text, spot, nearest(str(value), known))


def _of_mcp(subject: Subject) -> Iterator[Found]:
    yield from listed.misshapen(subject, "mcp_tools", _MCP_HINT)
    for tool, spot in listed.items(subject, "mcp_tools"):
        missing = [key for key in _MCP if not tool.get(key)]
        handler = tool.get("handler")
        if missing:
            yield Found(f"an MCP tool without `{missing[0]}`: LiteLLM starts without it", spot, _MCP_HINT)
        elif not isinstance(tool["description"], str):
            yield Found(f"`description` takes text: {ENDS}", spot.inside("description", value=True))
        elif not MAPPING.fits(tool.get("input_schema")):
            yield Found(f"`input_schema` takes a mapping: {ENDS}", spot.inside("input_schema", value=True), _MCP_HINT)
        elif isinstance(handler, str) and "." not in handler and not lookup.is_put_off(handler):
            text = f"`handler` is no Python function: {ENDS}"
            yield Found(text, spot.inside("handler", value=True), f"handler: MODULE.{handler}")
