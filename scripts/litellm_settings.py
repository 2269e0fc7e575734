"""The keys of litellm_settings, general_settings and router_settings."""

from __future__ import annotations

import ast
import re

from litellm_fields import Fields, class_fields, kinds, parameters, reads, strings
from litellm_source import PROXY, SERVER, Source
from litellm_words import COMPOSED, NO_ROUTER_SETTINGS, NO_SETTINGS, NO_SETTINGS_END

INIT = "litellm/__init__.py"


def litellm_settings(source: Source) -> Fields:
    """Variables of the module `litellm`, which load_config sets, and what it treats by name."""
    found = _variables(source)
    for node in ast.walk(source.tree(SERVER)):
        if isinstance(node, ast.AsyncFunctionDef) and node.name == "load_config":
            for name in re.findall(r"\bkey == '(\w+)'", ast.unparse(node)):
                found.setdefault(name, "")
    for name in reads(source, r"_?litellm_settings", "litellm") | _looked_up(source):
        found.setdefault(name, "")
    return {name: kind for name, kind in found.items() if not name.startswith("_") and not _is_data(name, kind)}


def _looked_up(source: Source) -> set[str]:
    """Attributes of the module that exist only when a config sets them."""
    pattern = re.compile(r"\bgetattr\(\s*litellm,\s*\"([a-z]\w+)\"")
    return {name for _, text in source.walk("litellm") for name in pattern.findall(text)}


def _variables(source: Source) -> Fields:
    found: Fields = {}
    used = {name for _, text in source.walk("litellm/") for name in re.findall(r"\blitellm\.([A-Z][A-Z0-9_]+)\b", text)}
    for node in _statements(source.tree(INIT).body):
        match node:
            case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation):
                found[name] = kinds(annotation)
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                found.setdefault(name, type(value.value).__name__ if _plain(value) else "")
            case ast.ImportFrom(module=("litellm.constants" | "litellm._logging" | "_logging"), names=names):
                found |= {
                    each.name: "" for each in names if each.name in used or each.name in ("set_verbose", "json_logs")
                }
    return {name: kind for name, kind in found.items() if not name.isupper() or name in used}


def _statements(body: list[ast.stmt]) -> list[ast.stmt]:
    """Statements of a module, with those inside its `if` and `try` blocks."""
    found: list[ast.stmt] = []
    for node in body:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if isinstance(node, ast.If | ast.Try):
            found += _statements([*node.body, *node.orelse])
        else:
            found.append(node)
    return found


def _plain(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and isinstance(value.value, bool | int | float | str)


def _is_data(name: str, kind: str) -> bool:
    """Objects of the module and tables of models: variables too, but no settings."""
    return name in NO_SETTINGS or (kind != "bool" and name.endswith(NO_SETTINGS_END))


def general_settings(source: Source) -> Fields:
    found = class_fields(source, ["litellm/proxy/_types.py"], "ConfigGeneralSettings")
    for name in reads(source, r"\w*general_settings(?:_dict)?(?: or \{\})?\)?", "litellm"):
        found.setdefault(name, "")
    for name in COMPOSED:
        found.setdefault(name, "")
    return found


def general_settings_read(source: Source) -> set[str]:
    """Names in files that deal with general_settings: constants for its keys, helpers that read one setting."""
    found: set[str] = set()
    for _, text in source.walk(*PROXY):
        if "general_settings" in text:
            found |= set(
                re.findall(r"^_?[A-Z_]*(?:SETTING|KEY|FIELD)[A-Z_]*(?:: [^=\n]+)? = \"([a-z]\w+)\"", text, re.M)
            )
            found |= set(re.findall(r"\w*_setting\(\s*(?:\w+,\s*)?\"([a-z]\w+)\"", text))
            found |= set(re.findall(r"\bgeneral_settings\.([a-z]+_\w+)\b", text))
    return found | reads(source, r"(?:operator_|_)?settings", *PROXY)


def router_settings(source: Source) -> Fields:
    outside = (
        set(strings(source, "litellm/constants.py", "ROUTER_SETTINGS_MANAGED_OUTSIDE_CONFIG")) | NO_ROUTER_SETTINGS
    )
    declared = parameters(source, "litellm/router.py", "__init__", "Router")
    declared |= parameters(source, "litellm/router_python_core.py", "__init__", "PythonCore")  # 1.109
    declared |= dict.fromkeys(strings(source, "litellm/router_api.py", "ROUTER_INIT_ARGS"), "") | declared  # 1.110
    return {name: kind for name, kind in declared.items() if name not in outside and not name.startswith("_")}
