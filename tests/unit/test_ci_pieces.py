"""What pipelines of users run: the action's scripts, the GitLab job and the pre-commit hooks, as written."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from support.api_server import ACME, write_catalog

ROOT = Path(__file__).parents[2]
IDENTITY = ["-c", "user.name=ada", "-c", "user.email=ada@example.org"]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A clone with a base branch on `origin` and an edit on top."""
    origin, clone = tmp_path / "origin", tmp_path / "clone"
    write_catalog(origin)
    run("modelctl render", origin)
    git(origin, "init", "-q", "-b", "main")
    git(origin, "add", ".")
    git(origin, *IDENTITY, "commit", "-qm", "base")
    git(tmp_path, "clone", "-q", str(origin), str(clone))
    write_catalog(clone, providers_acme=ACME.replace("output: 4", "output: 5"))
    run("modelctl render", clone)
    return clone


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True)


def run(script: str, cwd: Path, check: bool = True, **env: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("MODELCTL_", "GITHUB_", "CI_"))}
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=cwd, env={**clean, "PATH": path, **env}, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert not check or done.returncode == 0, done.stdout + done.stderr
    return done


def steps() -> dict[str, dict[str, Any]]:
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    return {step["name"]: step for step in action["runs"]["steps"] if "run" in step}


def test_action_checks_plans_and_comments(checkout: Path, tmp_path: Path) -> None:
    said = tmp_path / "said"
    stub = tmp_path / "bin" / "gh"
    stub.parent.mkdir()
    stub.write_text(f'#!/bin/sh\necho "$@" >"{said}"\n')
    stub.chmod(0o755)
    env = {"GITHUB_ACTION_PATH": str(ROOT), "RUNNER_TEMP": str(tmp_path), "BASE": "main", "PULL_REQUEST": "7"}
    env["GITHUB_STEP_SUMMARY"] = str(tmp_path / "summary")
    run(steps()["Check"]["run"], checkout, **env, MODELCTL_FORMAT="text", MODELCTL_STRICT="")
    run(steps()["Plan"]["run"], checkout, **env)
    assert "output price +25 %" in (tmp_path / "plan.md").read_text().replace("&#42;", "*")
    run(f'PATH="{stub.parent}:$PATH"; {steps()["Comment"]["run"]}', checkout, **env)
    assert said.read_text().startswith("pr comment 7 --edit-last")
    assert (tmp_path / "summary").read_text() == (tmp_path / "plan.md").read_text()


def test_action_is_red_on_an_error_and_writes_no_plan(checkout: Path, tmp_path: Path) -> None:
    write_catalog(checkout, routes="active: {target: nobody}\n")
    env = {"GITHUB_ACTION_PATH": str(ROOT), "RUNNER_TEMP": str(tmp_path), "BASE": "main"}
    assert run(steps()["Check"]["run"], checkout, check=False, **env, MODELCTL_STRICT="").returncode == 1
    assert run(steps()["Plan"]["run"], checkout, check=False, **env).returncode == 1
    assert not (tmp_path / "plan.md").exists()


def test_action_is_red_with_a_plan_that_needs_force(checkout: Path, tmp_path: Path) -> None:
    write_catalog(checkout, providers_acme="name: Acme\nlitellm_provider: openai\napi_key: none\nmodels: {fast: {}}\n")
    env = {"GITHUB_ACTION_PATH": str(ROOT), "RUNNER_TEMP": str(tmp_path), "BASE": "main"}
    assert run(steps()["Plan"]["run"], checkout, check=False, **env).returncode == 1
    assert "Refused without" in (tmp_path / "plan.md").read_text()


def test_action_installs_with_the_pins() -> None:
    assert steps()["Install modelctl"]["run"].startswith("pip install --quiet -c ")
    assert (ROOT / "constraints.txt").is_file()


def test_gitlab_job(checkout: Path) -> None:
    blocks = re.findall(r"^```yaml\n(.*?)^```", (ROOT / "docs" / "ci.md").read_text(), re.DOTALL | re.MULTILINE)
    (job,) = [yaml.safe_load(block)["models"] for block in blocks if block.startswith("models:")]
    ran = run("\n".join(job["script"]), checkout, CI_MERGE_REQUEST_TARGET_BRANCH_NAME="main")
    assert "### modelctl plan" in ran.stdout
    assert (checkout / "plan.md").read_text() in ran.stdout


def test_pre_commit_hooks(checkout: Path) -> None:
    hooks = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
    assert run(hooks["modelctl-check"]["entry"], checkout).returncode == 0
    assert run(hooks["modelctl-render"]["entry"], checkout).returncode == 0
    assert run(f"{hooks['modelctl-check-config']['entry']} litellm_config.yaml", checkout).returncode == 0
    (checkout / "litellm_config.yaml").write_text("model_list: 3\n")
    assert run(hooks["modelctl-render"]["entry"], checkout, check=False).returncode == 1
    two = f"{hooks['modelctl-check-config']['entry']} litellm_config.yaml {ROOT / 'litellm_config.yaml'}"
    assert run(two, checkout, check=False).returncode == 1
    files = re.compile(hooks["modelctl-check-config"]["files"])
    assert all(files.search(name) for name in ("litellm_config.yaml", "deploy/litellm-config.prod.yml"))
    assert not files.search("catalog/providers/openai.yaml")


def test_our_own_pre_commit_runs_the_hooks_that_we_export() -> None:
    exported = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
    (repo,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    own = {hook["id"]: hook for hook in repo["hooks"]}
    assert repo["repo"] == "local"
    assert {"ruff-check", "ruff-format", *exported} == set(own)
    for id_, hook in exported.items():
        assert own[id_]["entry"] == f".venv/bin/{hook['entry']}"
        assert own[id_].get("pass_filenames") == hook.get("pass_filenames")
        assert run(own[id_]["entry"], ROOT).returncode == 0
