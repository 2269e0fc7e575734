"""`modelctl serve --git`: commits go live with their author, and a remote that misbehaves changes nothing."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from modelctl.control_plane.git_checkout import without_password
from support.api_server import ACME, write_catalog
from support.cli import call
from support.serve_process import ControlPlane

SLOWER = ACME.replace("output: 4", "output: 5")


class Repository:
    """A remote, and somebody who commits to it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        write_catalog(folder)
        self.git("init", "--quiet", "--initial-branch=main")
        self.first = self.commit("the first catalog")

    def git(self, *arguments: str, who: str = "Ann") -> str:
        person = ("-c", f"user.name={who}", "-c", "user.email=someone@example.org", "-c", "commit.gpgsign=false")
        command = ["git", "-C", str(self.folder), *person, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def commit(self, title: str, *options: str, who: str = "Ann", **files: str) -> str:
        write_catalog(self.folder, **files)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", *options, "--message", title, who=who)
        return self.git("rev-parse", "HEAD")


class Followed(ControlPlane):
    """A control plane in an empty folder that follows the repository."""

    def __init__(self, folder: Path, remote: str, *options: str) -> None:
        super().__init__(
            folder,
            Path("catalog"),
            folder / "state",
            None,
            "--git",
            remote,
            "--poll",
            "1s",
            *(options or ("--no-preflight",)),
        )

    def published(self) -> list[tuple[str, str | None]]:
        entries = self.http.get("/history", params={"route": "*"}).json()
        return [(one["actor"], one["reason"]) for one in entries if one["action"] == "publish"]

    def source(self) -> dict[str, Any]:
        return dict(self.status()["source"])

    def rules(self) -> list[str]:
        return [one["rule"] for one in self.status()["problems"]]

    def wait(self, condition: Any, what: str) -> None:
        self.process.wait_for(condition, what, 20)


@pytest.fixture
def remote(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "remote")


@pytest.fixture
def followed(tmp_path: Path, remote: Repository) -> Iterator[Followed]:
    made = Followed(_folder(tmp_path), str(remote.folder))
    made.start()
    yield made
    made.stop()


def _folder(tmp_path: Path) -> Path:
    folder = tmp_path / "run"
    folder.mkdir()
    return folder


def test_a_commit_goes_live_with_its_author_and_title(followed: Followed, remote: Repository) -> None:
    newest = remote.commit("dearer answers", who="Bob", providers_acme=SLOWER)
    followed.wait(lambda: len(followed.published()) == 2, "the commit is published")
    assert followed.published() == [
        ("Bob", f"{newest[:10]} dearer answers"),
        ("Ann", f"{remote.first[:10]} the first catalog"),
    ]
    source = followed.source()
    assert (source["commit"], source["branch"], source["author"], source["error"]) == (newest, "main", "Bob", None)


def test_several_commits_between_two_looks_are_counted(tmp_path: Path, remote: Repository) -> None:
    made = Followed(_folder(tmp_path), str(remote.folder), "--poll", "1h", "--no-preflight")
    made.start()
    try:
        remote.commit("one")
        newest = remote.commit("two", providers_acme=SLOWER)
        answer = made.http.post("/models/refresh", json={}).json()
        assert answer["result"] == "published"
        assert made.published()[0][1] == f"{newest[:10]} two (and 1 more)"
    finally:
        made.stop()


def test_a_broken_commit_is_not_published_and_the_agreement_says_so(followed: Followed, remote: Repository) -> None:
    before = followed.status()["revision"]
    remote.commit("a typo", routes="active:\n  targt: fast\n")
    followed.wait(lambda: followed.status()["agreement"]["state"] == "diverged", "the disagreement shows")
    status = followed.status()
    assert status["revision"] == before
    assert "the catalog is not live: " in status["agreement"]["reason"]
    assert [one["file"] for one in status["problems"]] == ["catalog/routes.yaml"]
    remote.commit("mended", routes="active:\n  target: fast\n")
    followed.wait(lambda: not followed.rules(), "it is mended")
    assert followed.status()["agreement"]["reason"] == "no worker runs"


def test_a_rewritten_branch_waits_for_a_person(followed: Followed, remote: Repository) -> None:
    other = remote.commit("another first", "--amend", providers_acme=SLOWER)
    followed.wait(lambda: followed.rules() == ["git-rewritten"], "it is noticed")
    source = followed.source()
    assert (source["commit"], source["waiting"]) == (remote.first, other)
    refused = followed.http.post("/models/refresh", json={})
    assert refused.status_code == 409, refused.text
    assert refused.json()["error"]["hint"] == "`modelctl refresh --force` takes it"
    assert followed.http.post("/models/refresh", json={"force": True}).json()["result"] == "published"
    assert (followed.source()["commit"], followed.rules()) == (other, [])


def test_a_remote_that_is_gone_leaves_everything_as_it_was(followed: Followed, remote: Repository) -> None:
    shutil.move(remote.folder, remote.folder.with_name("away"))
    followed.wait(lambda: followed.rules() == ["git-unreachable"], "it is noticed")
    assert followed.current()["target"] == "fast"
    assert followed.select("slow").status_code == 200
    followed.process.stop()
    followed.start()  # from the files of the last run
    assert followed.current()["target"] == "slow"
    assert followed.rules() == ["git-unreachable"]
    shutil.move(remote.folder.with_name("away"), remote.folder)
    followed.wait(lambda: not followed.rules(), "it is back")


def test_a_remote_that_is_silent_too_long_makes_it_unready(tmp_path: Path, remote: Repository) -> None:
    made = Followed(_folder(tmp_path), str(remote.folder), "--stale-after", "3s")
    made.start()
    try:
        assert made.http.get("/readyz").json()["stale"] is None
        shutil.move(remote.folder, remote.folder.with_name("away"))
        made.wait(lambda: made.http.get("/readyz").json()["stale"], "it is stale")
        assert "has not answered for" in made.http.get("/readyz").json()["stale"]
        assert made.status()["agreement"]["state"] == "unknown"
    finally:
        made.stop()


def test_kill_9_in_the_middle_of_a_checkout_is_healed(followed: Followed, remote: Repository) -> None:
    followed.process.kill()
    checkout = followed._folder / "state" / "git"
    (checkout / ".git" / "index.lock").touch()
    (checkout / "catalog" / "routes.yaml").write_text("half a fi")
    (checkout / "catalog" / "left-over.yaml").write_text("a: b")
    remote.commit("while it was away", who="Bob", providers_acme=SLOWER)
    followed.start()
    followed.wait(lambda: followed.published()[0][0] == "Bob", "the new commit is published")
    assert followed.rules() == []


def test_the_api_does_not_write_into_a_branch(followed: Followed) -> None:
    entry = {"provider": "acme", "id": "quick", "model": {"model": "openai/quick"}}
    answer = followed.http.post("/models/custom", json=entry)
    assert "the catalog comes from branch main of" in answer.text, answer.text


def test_status_says_which_commit_is_live(followed: Followed, remote: Repository) -> None:
    printed = call("status", "--server", followed.url)
    assert f"main of {remote.folder} at {remote.first[:10]} (Ann: the first catalog), fetched" in printed.out
    assert "unknown for 0 s: no worker runs" in printed.out.replace("1 s", "0 s")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--git", "/nowhere/at/all"), "does not appear to be a git repository"),
        (("--git", "REMOTE", "--branch", "nope"), "couldn't find remote ref refs/heads/nope"),
        (("--git", "--upload-pack=touch x"), "--git needs a repository"),
        (("--stale-after", "10m"), "--stale-after needs --git"),
        (("--git", "REMOTE", "--poll", "often"), "`often` is no duration"),
        (("--git", "REMOTE", "--catalog", "elsewhere"), "there is no catalog at"),
    ],
)
def test_what_cannot_be_followed_is_one_line(
    tmp_path: Path, remote: Repository, arguments: tuple[str, ...], words: str
) -> None:
    given = [str(remote.folder) if one == "REMOTE" else one for one in arguments]
    failed = call("serve", "--state", tmp_path / "state", *given)
    assert failed.code in (1, 2)
    assert words in failed.err
    assert "Traceback" not in failed.err


def test_a_password_in_an_address_is_never_shown() -> None:
    text = "fatal: unable to access 'https://me:ghp_secret@example.org/x.git/'"
    assert without_password(text) == "fatal: unable to access 'https://example.org/x.git/'"
