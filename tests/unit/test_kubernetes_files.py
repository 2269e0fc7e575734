"""The manifests and Helm values: valid for Kubernetes, of one piece among themselves, and about things that exist."""

from __future__ import annotations

import shutil
import stat
import subprocess
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from modelctl.api.roles import NEEDED, OPEN
from support import helm_chart
from support.cli import called
from support.deploy_files import ROOT

FOLDER = ROOT / "deploy" / "kubernetes"
VERSIONS = ("1.31", "1.34", "1.37")
MANIFESTS = [
    (path.name, document)
    for path in (FOLDER / "control-plane.yaml", FOLDER / "live-job.yaml")
    for document in yaml.safe_load_all(path.read_text())
]
VALUES = {
    name: yaml.safe_load((FOLDER / f"{name}.yaml").read_text()) for name in ("litellm-values", "litellm-file-values")
}


def manifest(kind: str) -> dict[str, Any]:
    (found,) = [document for _, document in MANIFESTS if document["kind"] == kind]
    return dict(found)


def pod(kind: str) -> dict[str, Any]:
    return dict(manifest(kind)["spec"]["template"]["spec"])


def kustomization() -> dict[str, Any]:
    return dict(yaml.safe_load((FOLDER / "kustomization.yaml").read_text()))


def generated() -> dict[str, dict[str, str]]:
    """ConfigMap -> key -> file."""
    return {
        each["name"]: dict(line.split("=") for line in each["files"]) for each in kustomization()["configMapGenerator"]
    }


# -- Kubernetes --------------------------------------------------------------------------------


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("name", "document"), MANIFESTS, ids=[f"{n}-{d['kind']}" for n, d in MANIFESTS])
def test_manifest_is_valid(name: str, document: dict[str, Any], version: str) -> None:
    assert kubernetes_validate.validate(document, version, strict=True)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", VALUES)
def test_pod_of_the_chart_is_valid(name: str, version: str) -> None:
    assert kubernetes_validate.validate(helm_chart.deployment(VALUES[name]), version, strict=True)


def test_a_manifest_that_is_wrong_is_found_out() -> None:
    document = manifest("Service")
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate({**document, "spec": {**document["spec"], "prots": []}}, VERSIONS[0], strict=True)


@pytest.mark.parametrize("kind", ["StatefulSet", "Job"])
def test_pods_may_do_no_more_than_they_must(kind: str) -> None:
    spec = pod(kind)
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["automountServiceAccountToken"] is False
    for container in spec["containers"]:
        said = container["securityContext"]
        assert (said["readOnlyRootFilesystem"], said["allowPrivilegeEscalation"]) == (True, False)
        assert said["capabilities"] == {"drop": ["ALL"]}
        assert "memory" in container["resources"]["limits"]


@pytest.mark.parametrize("kind", ["StatefulSet", "Job"])
def test_mounts_have_their_volumes(kind: str) -> None:
    spec, claims = pod(kind), manifest(kind)["spec"].get("volumeClaimTemplates", [])
    volumes = {each["name"] for each in spec.get("volumes", [])} | {each["metadata"]["name"] for each in claims}
    assert {each["name"] for box in spec["containers"] for each in box.get("volumeMounts", [])} == volumes


def test_nothing_is_mounted_by_subpath() -> None:
    assert not any("subPath" in mount for mount in pod("StatefulSet")["containers"][0]["volumeMounts"])
    assert not any("subPath" in mount for values in VALUES.values() for mount in values["volumeMounts"])


# -- the control plane -------------------------------------------------------------------------


def test_control_plane_runs_what_there_is(tmp_path: Path) -> None:
    (container,) = pod("StatefulSet")["containers"]
    assert called(*container["args"], "--help", cwd=tmp_path).code == 0


def test_probes_need_no_token_and_do_not_wait_for_workers() -> None:
    (container,) = pod("StatefulSet")["containers"]
    for name in ("startupProbe", "readinessProbe", "livenessProbe"):
        path = container[name]["httpGet"]["path"]
        assert NEEDED[f"GET {path}"] == OPEN
        assert path != "/readyz", "workers find the control plane through the Service, which waits for its readiness"
    assert NEEDED["GET /readyz"] == OPEN
    assert "http://modelctl:7777/readyz" in pod("Job")["containers"][0]["command"][-1]


def test_tokens_are_mounted_as_the_control_plane_wants_them() -> None:
    """With fsGroup the kubelet adds the group's right to read: 0440, which is not open to others."""
    (volume,) = [each for each in pod("StatefulSet")["volumes"] if each["name"] == "tokens"]
    assert volume["secret"]["defaultMode"] == stat.S_IRUSR
    (container,) = pod("StatefulSet")["containers"]
    environment = {each["name"]: each["value"] for each in container["env"]}
    mounts = {each["name"]: each["mountPath"] for each in container["volumeMounts"]}
    assert Path(environment["MODELCTL_TOKENS"]).parent == Path(mounts["tokens"])
    assert Path(environment["MODELCTL_STATE"]).parent == Path(mounts["state"]), "a volume's own folder keeps its rights"


def test_the_catalog_arrives_whole(tmp_path: Path) -> None:
    """Each file of the shipped catalog has its key, each key its path, and what arrives in the pod passes check."""
    (volume,) = [each for each in pod("StatefulSet")["volumes"] if each["name"] == "catalog"]
    paths = {each["key"]: each["path"] for each in volume["configMap"]["items"]}
    files = generated()[volume["configMap"]["name"]]
    assert {key: f"catalog/{path}" for key, path in paths.items()} == files
    shipped = {str(path.relative_to(ROOT)) for path in (ROOT / "catalog").rglob("*.yaml")}
    assert set(files.values()) == {path for path in shipped if "/.schema/" not in path}
    for path in paths.values():
        (tmp_path / "catalog" / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "catalog" / path, tmp_path / "catalog" / path)
    assert called("check", cwd=tmp_path).code == 0


# -- LiteLLM's chart ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", VALUES)
def test_the_chart_knows_each_key(name: str) -> None:
    assert helm_chart.unknown(VALUES[name]) == []


def test_a_key_that_the_chart_has_not_is_found_out() -> None:
    values = {"extraVolumes": [], "pdb": {"enable": True}, "args": "one"}
    assert helm_chart.unknown(values) == ["extraVolumes", "pdb.enable", "args"]


@pytest.mark.parametrize("name", VALUES)
def test_the_hook_is_found_and_the_config_is_the_one_that_is_made(name: str) -> None:
    values = VALUES[name]
    mounts = {each["name"]: each["mountPath"] for each in values["volumeMounts"]}
    assert set(mounts) <= {each["name"] for each in values["volumes"]}
    assert values["envVars"]["PYTHONPATH"] == mounts["hook"]
    assert values["proxyConfigMap"]["create"] is False, "else the chart rolls the pods with each edit"
    assert values["proxyConfigMap"]["key"] in generated()[values["proxyConfigMap"]["name"]]
    (image,) = kustomization()["images"]
    assert values["extraInitContainers"][0]["image"] == f"{image['newName']}:{image['newTag']}"


def test_file_mode_follows_a_folder_of_its_own() -> None:
    """`--config` lies in the mount that sees edits (test_file_mode.py swaps `..data` under the real hook)."""
    values = VALUES["litellm-file-values"]
    config = Path(helm_chart.arguments(values)[1])
    mounts = {each["name"]: Path(each["mountPath"]) for each in values["volumeMounts"]}
    assert config.parent == mounts["followed-config"]
    assert config.name in generated()["litellm-config"]
    assert not {"MODELCTL_STORE", "MODELCTL_STATE", "LITELLM_WORKER_STARTUP_HOOKS"} & set(values["envVars"])
    assert "modelctl.hook.handler" in (ROOT / "litellm_config.yaml").read_text()


def test_store_mode_asks_the_service() -> None:
    values, service = VALUES["litellm-values"], manifest("Service")
    (port,) = service["spec"]["ports"]
    assert values["envVars"]["MODELCTL_STORE"] == f"http://{service['metadata']['name']}:{port['port']}"


def test_what_ends_has_the_time_for_it() -> None:
    for values in VALUES.values():
        asleep = int(values["lifecycle"]["preStop"]["exec"]["command"][1])
        assert values["terminationGracePeriodSeconds"] >= asleep + 60, "streams get a minute"


def test_kustomize_takes_it(tmp_path: Path) -> None:
    """Where kubectl is, it renders the folder; elsewhere the files that it names are at least there."""
    for path in FOLDER.iterdir():
        shutil.copy(path, tmp_path)
    shutil.copytree(ROOT / "catalog", tmp_path / "catalog")
    shutil.copy(ROOT / "litellm_config.yaml", tmp_path)
    named = [*kustomization()["resources"], *(path for files in generated().values() for path in files.values())]
    assert [path for path in named if not (tmp_path / path).is_file()] == []
    if not shutil.which("kubectl"):
        return
    ran = subprocess.run(["kubectl", "kustomize", tmp_path], capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, ran.stderr
    made = list(yaml.safe_load_all(ran.stdout))
    assert {each["kind"] for each in made} == {"ConfigMap", "StatefulSet", "Service", "NetworkPolicy", "Job"}
    assert all(kubernetes_validate.validate(each, VERSIONS[0], strict=True) for each in made)
