"""`/r/model-selector.json`, and what the real shadcn CLI makes of it in a project that has `select`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from modelctl.web import shadcn_registry
from support.api_server import Plane, write_catalog
from support.react import HOME, SELECT, add, compiled, minimal, node, unformatted

pytestmark = pytest.mark.browser
CLIENTS = shadcn_registry.CLIENTS
REACT = (
    "components/ModelList.tsx",
    "components/ModelOption.tsx",
    "components/ModelPicker.tsx",
    "components/ModelSelector.tsx",
    "hooks/useModels.ts",
    "lib/modelctl/index.d.ts",
    "lib/modelctl/index.js",
    "lib/modelctl/offers.ts",
    "lib/modelctl/outcome.ts",
    "lib/modelctl/servers.ts",
    "lib/modelctl/slice.ts",
)
SHARED = (
    *("model-client.js", "model-events.js", "model-facts.js"),
    *("model-request.js", "model-types.d.ts", "model-updates.js"),
)
PLACES = {place: CLIENTS / "react" / place for place in REACT}
PLACES |= {f"lib/modelctl/{name}": CLIENTS / name for name in SHARED}


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    plane = Plane(write_catalog(tmp_path_factory.mktemp("registry")), tokens={"secret": "ana"})
    yield plane
    plane.stop()


def test_the_item_is_the_files(plane: Plane) -> None:
    item = plane.client.get("/r/model-selector.json").raise_for_status().json()
    assert (item["name"], item["type"]) == ("model-selector", "registry:block")
    served = {file["target"]: file["content"] for file in item["files"]}
    assert served == {place: path.read_text().removeprefix("// @ts-check\n") for place, path in PLACES.items()}
    kinds = {file["target"].split("/")[0]: file["type"] for file in item["files"]}
    assert kinds == {"components": "registry:component", "hooks": "registry:hook", "lib": "registry:lib"}


@pytest.mark.parametrize("name", shadcn_registry.ITEMS)
def test_it_brings_every_module_that_its_files_import(name: str) -> None:
    texts = shadcn_registry.texts(name)
    there = {place.partition(".")[0] for place in texts} | {"lib/modelctl", "components/ui/select", "store"}
    for place, text in texts.items():
        imports = re.findall(r"""from ['"](@/|\./)([^'"]+)['"]""", text)
        names = [path if kind == "@/" else f"lib/modelctl/{path}" for kind, path in imports]
        assert all(each.partition(".")[0] in there for each in names), (place, names)


def test_only_the_item_that_brings_select_needs_shadcns_registry() -> None:
    needs = {name: shadcn_registry.content(name).get("registryDependencies") for name in shadcn_registry.ITEMS}
    assert needs == {
        "model-selector": None,
        "model-selector-with-select": ["select"],
        "agent-ui-model-selector": None,
    }


def test_the_cli_finds_the_item_valid(plane: Plane, tmp_path: Path) -> None:
    item = tmp_path / "item.json"
    item.write_text(plane.client.get("/r/model-selector.json").text)
    done = node(HOME / "harness" / "valid.mjs", item, cwd=HOME)
    assert (done.returncode, done.stdout.strip()) == (0, "valid"), done.stdout + done.stderr
    item.write_text(json.dumps({"name": "model-selector", "type": "registry:nonsense"}))
    assert node(HOME / "harness" / "valid.mjs", item, cwd=HOME).returncode == 1


def test_reading_it_needs_no_token_and_is_allowed_from_elsewhere(plane: Plane) -> None:
    answer = plane.client.get("/r/model-selector.json", headers={"origin": "http://localhost:3000"})
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "http://localhost:3000"
    again = plane.client.get("/r/model-selector.json", headers={"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304
    assert plane.client.get("/r/another.json").status_code == 404


def test_shadcn_puts_it_where_it_belongs_and_it_compiles(plane: Plane, tmp_path: Path) -> None:
    project = minimal(tmp_path)
    before = {path: path.read_text() for path in _sources(project)}
    asked: list[str] = []
    assert "<ModelSelector" in add(project, plane.url, asked=asked)
    assert not [path for path in asked if "select" in path]
    assert {path.relative_to(project / "src").as_posix() for path in _sources(project) - before.keys()} == set(PLACES)
    assert {path: path.read_text() for path in before} == before
    for place in ("components/ModelSelector.tsx", "hooks/useModels.ts"):
        assert (project / "src" / place).read_text() == PLACES[place].read_text()
    (project / "src" / "sidebar.tsx").write_text(
        'import { ModelSelector } from "@/components/ModelSelector";\nexport const sidebar = <ModelSelector />;\n'
    )
    assert compiled(project) == ""
    (project / "src" / "wrong.tsx").write_text(
        'import ModelSelector from "@/components/ModelSelector";\nexport const wrong = <ModelSelector route={1} />;\n'
    )
    assert "wrong.tsx" in compiled(project), "the types say nothing"


def test_a_select_of_the_projects_own_stays(plane: Plane, tmp_path: Path) -> None:
    """As in agent-ui, whose `select` is not shadcn's any more: the CLI asks, and no is an answer."""
    project = minimal(tmp_path)
    before = (project / SELECT).read_text()
    add(project, plane.url, select="export const Select = null;\n", item="model-selector-with-select")
    assert (project / SELECT).read_text() == before
    assert (project / "src/components/ModelSelector.tsx").is_file()


def test_a_project_without_select_and_without_javascript(plane: Plane, tmp_path: Path) -> None:
    """It gets `select` from shadcn's registry, and the types without `allowJs`."""
    project = minimal(tmp_path)
    settings = json.loads((project / "tsconfig.json").read_text())
    settings["compilerOptions"]["allowJs"] = False
    (project / "tsconfig.json").write_text(json.dumps(settings))
    text = (project / SELECT).read_text()
    (project / SELECT).unlink()
    add(project, plane.url, item="model-selector-with-select")
    assert (project / SELECT).read_text() == text
    assert compiled(project) == ""


def test_in_agent_ui_it_compiles_is_formatted_and_asks_nobody(plane: Plane, tmp_path: Path) -> None:
    project = minimal(tmp_path, "agent-ui")
    asked: list[str] = []
    assert "<ModelSelector />" in add(project, plane.url, item="agent-ui-model-selector", asked=asked)
    assert not [path for path in asked if "/styles/" in path]
    text = (project / "src/components/ModelSelector.tsx").read_text()
    assert text == (CLIENTS / "agent-ui/components/ModelSelector.tsx").read_text()
    assert compiled(project) == ""
    assert unformatted(project) == ""


def _sources(project: Path) -> set[Path]:
    return {path for path in (project / "src").rglob("*") if path.is_file()}
