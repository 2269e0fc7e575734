"""The texts of an imported catalog's files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import yaml

from modelctl.build.rendering import block
from modelctl.catalog.parse import parse
from modelctl.importer.fields import Variable

_ENV_HEAD = """\
# Copy it out of this folder, to ../.env, and fill in what you have: .env is read beside the catalog folder, not in it.
# The real environment wins over .env. Keep .env out of git.
"""


class _Dumper(yaml.CSafeDumper):
    """As people write YAML: nothing shared by anchors. Text that YAML 1.1 would misread is quoted by the library."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def yaml_text(data: Mapping[str, Any]) -> str:
    """The data as YAML; reading it back gives exactly `data`."""
    text = yaml.dump(
        dict(data), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=2**20, default_flow_style=False
    )
    if parse(text.encode("utf-8", "surrogatepass"), "").data == data:
        return text
    return f"{block(dict(data)).lstrip()}\n"


def head(name: str, source: str) -> str:
    """The comment above a file."""
    what = {"routes.yaml": "Routes: names that apps call.", "proxy.yaml": "LiteLLM's settings."}.get(name)
    return f"# {what or 'A provider and its models.'} Imported from {_plain(source)}.\n"


def env_example(variables: Iterable[Variable], referred: Iterable[str]) -> str:
    """Every variable that the catalog names: first those that hold what stood in the config itself."""
    new = {variable.name: variable for variable in variables}
    known = sorted(set(referred) - new.keys())
    lines = [_ENV_HEAD]
    if new:
        lines.append("\n# these were written out in the config\n")
        lines += [f"{name}=  # {_plain(each.shown)}\n" for name, each in new.items()]
    if known:
        lines += ["\n# the config refers to these\n", *(f"{name}=\n" for name in known)]
    return "".join(lines)


def _plain(text: str) -> str:
    return "".join(each if each.isprintable() else "?" for each in text)
