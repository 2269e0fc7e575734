"""docs/clients.md: what it tells people to type and to write does what it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from modelctl.client_configs import CLIENTS
from modelctl.pipeline import build
from modelctl.shipped import catalog as shipped_catalog
from support.cli import called

PAGE = (Path(__file__).parents[2] / "docs" / "clients.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
COMMANDS = sorted(
    set(re.findall(r"modelctl (client [^\n`)\"]+)", "\n".join(text for kind, text in BLOCKS if kind == "sh")))
)


def blocks(kind: str) -> list[str]:
    return [text for each, text in BLOCKS if each == kind]


def test_every_client_has_its_words() -> None:
    named = {command.split()[1] for command in COMMANDS}
    assert named == set(CLIENTS)


@pytest.mark.parametrize("command", COMMANDS)
def test_command_works(command: str, tmp_path: Path) -> None:
    (tmp_path / "catalog").symlink_to(shipped_catalog())
    env = {"HOME": str(tmp_path), "MODELCTL_SERVER": "http://127.0.0.1:9"}
    ran = called(*command.split(), cwd=tmp_path, env=env)
    assert ran.code == 0, ran.err
    assert "wrote " in ran.err if "--write" in command else ran.out


def test_route_with_a_further_name_is_a_valid_catalog(tmp_path: Path) -> None:
    (text,) = blocks("yaml")
    providers = tmp_path / "catalog" / "providers"
    providers.mkdir(parents=True)
    (providers / "demo.yaml").write_text((shipped_catalog() / "providers" / "demo.yaml").read_text())
    (tmp_path / "catalog" / "routes.yaml").write_text(text)
    made = build(tmp_path / "catalog")
    assert made.desired is not None, made.problems
    assert list(made.desired.routes["active"].also) == yaml.safe_load(text)["active"]["also"]
