"""What a class or function of LiteLLM's source declares: names, and the kinds of value that each takes.

A field's kinds are a string such as `int` or `float|str`, made of bool, int, float, str, list and dict; the empty
string where anything may stand there or the source does not say.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable

from litellm_source import Source

Fields = dict[str, str]

KINDS = ("bool", "int", "float", "str", "list", "dict")
_NAMES = {
    **{kind: kind for kind in KINDS},
    **dict.fromkeys(("List", "Sequence", "tuple", "Tuple", "set", "Set", "frozenset", "Iterable"), "list"),
    **dict.fromkeys(("Dict", "Mapping", "MutableMapping", "TypedDict"), "dict"),
    "LiteralString": "str",
    "SecretStr": "str",
}
_WRAPPERS = {"Optional", "Union", "Final", "Annotated", "Required", "NotRequired", "ReadOnly", "ClassVar"}
_ANY = frozenset({""})


def kinds(annotation: ast.expr | None) -> str:
    """What an annotation admits besides None; empty unless all of it is understood."""
    found = _kinds(annotation)
    return "" if "" in found else "|".join(kind for kind in KINDS if kind in found)


def exact_kinds(annotation: ast.expr | None) -> str:
    """The same, with what a list or a mapping holds (`list[str]`, `dict[float]`), Literals (`=free`), `time`."""
    parts = _exact(annotation)
    return "" if "" in parts else "|".join(sorted(parts))


def _exact(node: ast.expr | None) -> frozenset[str]:
    match node:
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return _exact(left) | _exact(right)
        case ast.Subscript(value=ast.Name(id="Literal"), slice=inner):
            parts = inner.elts if isinstance(inner, ast.Tuple) else [inner]
            return frozenset(f"={part.value}" for part in parts if isinstance(part, ast.Constant))
        case ast.Subscript(value=ast.Name(id=name), slice=inner) if name in _WRAPPERS:
            parts = inner.elts if isinstance(inner, ast.Tuple) else [inner]
            return frozenset().union(*map(_exact, parts))
        case ast.Attribute(attr="datetime"):
            return frozenset({"time"})
        case ast.Subscript(slice=inner):
            within = kinds(inner.elts[-1] if isinstance(inner, ast.Tuple) else inner)
            outer = kinds(node)
            known = outer in ("list", "dict") and within and "|" not in within
            return frozenset({f"{outer}[{within}]" if known else outer})
        case _:
            return _kinds(node)


def widened(found: Fields, more: Fields) -> Fields:
    """Both; what two places declare takes the kinds of both."""
    return found | {name: _either(found[name], kind) if name in found else kind for name, kind in more.items()}


def _either(one: str, other: str) -> str:
    taken = {*one.split("|"), *other.split("|")}
    return "" if "" in taken else "|".join(kind for kind in KINDS if kind in taken)


def _kinds(node: ast.expr | None) -> frozenset[str]:
    match node:
        case ast.Constant(value=None):
            return frozenset()
        case ast.Constant(value=str() as text):
            return _kinds(ast.parse(text, mode="eval").body)
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return frozenset({_NAMES.get(name, "")})
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return _kinds(left) | _kinds(right)
        case ast.Subscript(value=ast.Name(id=name) | ast.Attribute(attr=name), slice=inner):
            return _subscript(name, inner)
        case _:
            return _ANY


def _subscript(name: str, inner: ast.expr) -> frozenset[str]:
    parts = inner.elts if isinstance(inner, ast.Tuple) else [inner]
    if name == "Literal":
        return frozenset(type(part.value).__name__ for part in parts if isinstance(part, ast.Constant))
    if name == "Annotated":
        return _kinds(parts[0])
    if name in _WRAPPERS:
        return frozenset().union(*map(_kinds, parts))
    return frozenset({_NAMES.get(name, "")})


Read = Callable[[ast.expr | None], str]


def class_fields(source: Source, paths: Iterable[str], *names: str, read: Read = kinds) -> Fields:
    """Annotated fields of the classes, with those that they inherit; the classes are looked for in the given files."""
    classes: dict[str, ast.ClassDef] = {}
    for path in paths:
        for node in ast.walk(source.tree(path)):
            if isinstance(node, ast.ClassDef):
                classes.setdefault(node.name, node)
    found: Fields = {}
    for name in names:
        found |= _with_bases(classes, name, frozenset(), read)
    return found


def _with_bases(classes: dict[str, ast.ClassDef], name: str, seen: frozenset[str], read: Read) -> Fields:
    node = classes.get(name)
    if node is None or name in seen:
        return {}
    found: Fields = {}
    for base in reversed(node.bases):
        if isinstance(base, ast.Name):
            found |= _with_bases(classes, base.id, seen | {name}, read)
    return found | _annotated(node.body, read)


def _annotated(body: Iterable[ast.stmt], read: Read) -> Fields:
    found: Fields = {}
    for item in body:
        if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name):
            name = item.target.id
            if not name.startswith("_") and name != "model_config" and "ClassVar" not in ast.dump(item.annotation):
                found[name] = read(item.annotation)
    return found


def parameters(source: Source, path: str, function: str, owner: str = "") -> Fields:
    """The named parameters of a function, or of a method of the class `owner`."""
    found: Fields = {}
    for node in _functions(source.tree(path), owner):
        if node.name == function:
            arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            found |= {each.arg: kinds(each.annotation) for each in arguments if each.arg not in ("self", "cls")}
    return found


def _functions(tree: ast.Module, owner: str) -> Iterable[ast.FunctionDef | ast.AsyncFunctionDef]:
    if not owner:
        body: Iterable[ast.AST] = tree.body
    else:
        body = [
            item for node in tree.body if isinstance(node, ast.ClassDef) and node.name == owner for item in node.body
        ]
    return [node for node in body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def strings(source: Source, path: str, name: str) -> list[str]:
    """Every text inside the value of a module's (or class's) variable: list, set, dict keys, Literal, enum members."""
    for node in ast.walk(source.tree(path)):
        match node:
            case ast.Assign(targets=[ast.Name(id=target)], value=value) if target == name:
                return _texts(value)
            case ast.AnnAssign(target=ast.Name(id=target), value=ast.expr() as value) if target == name:
                return _texts(value)
            case ast.ClassDef(name=target, body=body) if target == name:
                return [text for item in body if isinstance(item, ast.Assign) for text in _texts(item.value)]
    return []


def _texts(value: ast.expr) -> list[str]:
    keys = value.keys if isinstance(value, ast.Dict) else [value]
    nodes = [node for key in keys if key is not None for node in ast.walk(key)]
    return [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]


def reads(source: Source, receivers: str, *folders: str) -> set[str]:
    """Texts by which a mapping is read: `x.get("k")`, `x.pop("k")`, `x["k"]`, `"k" in x`; x as a pattern.

    By pattern and not by syntax tree: LiteLLM is a million lines, and to know one key too many does no harm.
    """
    name = r"[\"'](\w+)[\"']"
    before = re.compile(rf"\b(?:{receivers})(?:\s*\.\s*(?:get|pop|setdefault)\(\s*|\[\s*){name}")
    after = re.compile(rf"{name}\s+(?:not\s+)?in\s+(?:\w+\.)*(?:{receivers})\b(?![.\[(])")
    texts = [text for _, text in source.walk(*folders)]
    return {match[1] for text in texts for pattern in (before, after) for match in pattern.finditer(text)}
