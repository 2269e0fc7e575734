"""`/r/model-selector.json`, and what the real shadcn CLI makes of it in a project that has `select`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from modelctl.web import registry
from support.plane import Plane, write_catalog
from support.react import HOME, SELECT, add, compiled, minimal, node

CLIENTS = registry.CLIENTS
PLACES = {
    "components/ModelSelector.tsx": CLIENTS / "react/components/ModelSelector.tsx",
    "hooks/useModels.ts": CLIENTS / "react/hooks/useModels.ts",
    "lib/modelctl/index.d.ts": CLIENTS / "react/lib/modelctl/index.d.ts",
    "lib/modelctl/index.js": CLIENTS / "react/lib/modelctl/index.js",
    "lib/modelctl/model-client.js": CLIENTS / "model-client.js",
    "lib/modelctl/model-events.js": CLIENTS / "model-events.js",
    "lib/modelctl/model-facts.js": CLIENTS / "model-facts.js",
    "lib/modelctl/model-request.js": CLIENTS / "model-request.js",
    "lib/modelctl/model-types.d.ts": CLIENTS / "model-types.d.ts",
}


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    plane = Plane(write_catalog(tmp_path_factory.mktemp("registry")), tokens={"secret": "ana"})
    yield plane
    plane.stop()


def test_the_item_is_the_files(plane: Plane) -> None:
    item = plane.client.get("/r/model-selector.json").raise_for_status().json()
    assert (item["name"], item["type"]) == ("model-selector", "registry:block")
    assert item["registryDependencies"] == ["select"]
    served = {file["target"]: file["content"] for file in item["files"]}
    assert served == {place: path.read_text().removeprefix("// @ts-check\n") for place, path in PLACES.items()}
    kinds = {file["target"].split("/")[0]: file["type"] for file in item["files"]}
    assert kinds == {"components": "registry:component", "hooks": "registry:hook", "lib": "registry:lib"}


def test_it_brings_every_module_that_its_files_import() -> None:
    texts = registry.texts()
    for place, text in texts.items():
        imports = [line.partition(' from "./')[2].strip('";') for line in text.splitlines() if ' from "./' in line]
        names = [name if "." in name else f"{name}.d.ts" for name in imports]
        assert all(f"lib/modelctl/{name}" in texts for name in names), (place, names)


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
    assert "<ModelSelector" in add(project, plane.url)
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
    add(project, plane.url, select="export const Select = null;\n")
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
    add(project, plane.url)
    assert (project / SELECT).read_text() == text
    assert compiled(project) == ""


def _sources(project: Path) -> set[Path]:
    return {path for path in (project / "src").rglob("*") if path.is_file()}
