"""DesiredState -> the text of litellm_config.yaml, through a Jinja template.

Strings are written as JSON (which is YAML once a few characters are escaped), so nothing that people
write can end a string or a comment early. The same state gives the same bytes everywhere.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from json.encoder import encode_basestring
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, StrictUndefined

from modelctl import shipped
from modelctl.errors import ModelctlError
from modelctl.state.desired import Deployment, DesiredState
from modelctl.state.router_config import RouterConfig, resolve_routes

TEMPLATE = "litellm_config.yaml.j2"
_NOT_IN_YAML = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")  # JSON leaves these as they are
_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LONGEST_KEY = 100  # libyaml looks for the colon within 1024 characters, and escaping makes 6 of one
_YAML_WORDS = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})


def render_text(desired: DesiredState, template: Path | None = None) -> str:
    """Text of litellm_config.yaml with each route on its default.

    Raises ModelctlError if `template` is broken, or says anything else than the desired state: a
    template changes looks, not meaning. (What the shipped one writes is proven by the tests.)
    """
    config = resolve_routes(desired, {})
    own = template if template and _differs(template) else None
    try:
        text: str = _template(_read(own or shipped.templates() / TEMPLATE)).render(_view(desired, config))
    except ModelctlError:
        raise
    except Exception as error:  # a template is a program: whatever it raises is its author's mistake
        raise ModelctlError(f"{own or TEMPLATE}: {error}", hint=_HINT) from error
    if own:
        _verify(text, config.config(), own)
    return text


def scalar(value: object) -> str:
    """YAML text that PyYAML reads back as the same value."""
    return _WRITERS[value.__class__](value)


def string(text: str) -> str:
    """A double-quoted YAML string on one line. Raises ModelctlError for half a surrogate pair."""
    written = encode_basestring(text)
    if written.isascii() and "\x7f" not in written:
        return written
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ModelctlError(f"text with half a surrogate pair cannot be written: {text!a}") from error
    return _NOT_IN_YAML.sub(lambda found: f"\\u{ord(found[0]):04x}", written)


def number(value: float) -> str:
    """YAML 1.1 takes `1e-07` for text: the mantissa needs its dot."""
    written = repr(value)
    if "e" in written and "." not in written:
        return written.replace("e", ".0e", 1)
    return {"inf": ".inf", "-inf": "-.inf", "nan": ".nan"}.get(written, written)


_WRITERS: dict[type, Callable[[Any], str]] = {
    str: string,
    bool: lambda value: "true" if value else "false",
    int: repr,
    float: number,
    type(None): lambda value: "null",
}


def flow(value: object) -> str:
    """Any value on one line."""
    if isinstance(value, dict):
        pairs = (f"{'? ' if len(key) > _LONGEST_KEY else ''}{string(key)}: {flow(item)}" for key, item in value.items())
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(flow(item) for item in value) + "]"
    return scalar(value)


def block(value: object, indent: int = 0) -> str:
    """The value as lines below a key, or behind it: `key:{{ value | block(2) }}`."""
    write = _WRITERS.get(value.__class__)
    if write:
        return " " + write(value)
    if isinstance(value, dict) and value and max(map(len, value)) <= _LONGEST_KEY:
        start = "\n" + " " * indent
        return "".join([f"{start}{_key(key)}:{block(item, indent + 2)}" for key, item in value.items()])
    if isinstance(value, (list, tuple)) and any(isinstance(item, (dict, list, tuple)) and item for item in value):
        return "".join([f"\n{' ' * indent}-{_item(item, indent + 2)}" for item in value])
    return " " + flow(value)


def comment(text: str) -> str:
    """Text that stays inside its comment, whatever it holds."""
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in str(text))


def _item(value: object, indent: int) -> str:
    """An item of a list; a mapping starts on the dash's own line."""
    written = block(value, indent)
    return " " + written[indent + 1 :] if isinstance(value, dict) and value and written[0] == "\n" else written


@lru_cache(maxsize=4096)
def _key(key: str) -> str:
    if len(key) > _LONGEST_KEY:
        return f"? {string(key)}\n"
    return key if _PLAIN_KEY.fullmatch(key) and key.lower() not in _YAML_WORDS else string(key)


# -- the template ------------------------------------------------------------------------------

_HINT = "settings belong in proxy.yaml; a template may only change comments and layout"


@lru_cache(maxsize=4)
def _template(source: str) -> Any:
    environment = Environment(
        undefined=StrictUndefined, autoescape=False, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )
    environment.filters.update(scalar=scalar, flow=flow, block=block, item=_item, key=_key, comment=comment)
    return environment.from_string(source)


def _view(desired: DesiredState, config: RouterConfig) -> dict[str, Any]:
    """What a template sees: the entries by provider, the sections, and the routes to comment on."""
    return {
        "providers": list(_by_provider(desired)),
        "sections": config.sections(),
        "routes": list(desired.routes.values()),
        "env_defaults": desired.env_defaults,
    }


def _by_provider(desired: DesiredState) -> Iterator[dict[str, Any]]:
    """Runs of entries under the provider whose they are, in the order of the desired state."""
    owner = {model.public_name: provider for provider in desired.providers for model in provider.models}
    run: dict[str, Any] | None = None
    for deployment in desired.deployments.values():
        provider = owner.get(deployment.group)
        name = provider.name if provider else ""
        if run is None or run["name"] != name:
            if run is not None:
                yield run
            run = {"name": name, "entries": []}
        run["entries"].append(_entry(deployment))
    if run is not None:
        yield run


def _entry(deployment: Deployment) -> dict[str, Any]:
    return deployment.entry()


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ModelctlError(f"cannot read the template {path}: {error}") from error


def _differs(template: Path) -> bool:
    return _read(template) != _read(shipped.templates() / TEMPLATE)


def _verify(text: str, meant: dict[str, Any], template: Path) -> None:
    try:
        rendered = yaml.load(text, yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise ModelctlError(f"{template} gives no valid YAML: {error}", hint=_HINT) from error
    if _same(rendered) != _same(meant):
        raise ModelctlError(
            f"{template} changes what the catalog says ({_first_difference(rendered, meant)})", hint=_HINT
        )


def _same(value: object) -> str:
    """Text that is equal for equal values only (1, 1.0 and true differ)."""
    return json.dumps(value, sort_keys=True, default=repr)


def _first_difference(rendered: object, meant: object, path: str = "") -> str:
    if isinstance(rendered, dict) and isinstance(meant, dict):
        for key in [*meant, *rendered]:
            if key not in rendered or key not in meant:
                return f"{path}{key} is {'missing' if key not in rendered else 'added'}"
            if _same(rendered[key]) != _same(meant[key]):
                return _first_difference(rendered[key], meant[key], f"{path}{key}.")
    if isinstance(rendered, list) and isinstance(meant, list) and len(rendered) == len(meant):
        for index, (one, other) in enumerate(zip(rendered, meant, strict=True)):
            if _same(one) != _same(other):
                return _first_difference(one, other, f"{path}{index}.")
    return path.rstrip(".") or "the whole"
