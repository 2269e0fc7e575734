"""A branch of a git repository, checked out into a folder of our own. Runs plain `git`; raises GitFailed."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from modelctl import project
from modelctl.errors import ModelctlError

FETCH_S = 60.0  # a remote that answers nothing for so long is taken for gone
LOCAL_S = 120.0  # for what needs no network: a checkout of a large repository
_FORMAT = "%H%x00%an%x00%ct%x00%s"
_OF_HOOKS = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_OBJECT_DIRECTORY")
_SSH = "ssh -o BatchMode=yes -o ConnectTimeout=15"
_USER = re.compile(r"(?<=://)[^/@\s]+@")
_ABOUT = ("remote: ", "fatal: ", "error: ", "ssh: ")
_BETWEEN = ("fatal: could not read from remote repository", "please make sure you have the correct access rights")


class GitFailed(ModelctlError):
    """What git answered, in one line and without a password."""


@dataclass(frozen=True)
class GitBranch:
    """`url` is whatever `git clone` takes; a password in it is never shown."""

    url: str
    branch: str = "main"

    @property
    def shown(self) -> str:
        return without_password(self.url)


@dataclass(frozen=True)
class Commit:
    """`id` has 40 or 64 hex digits; `at` is the committer's time, UTC seconds."""

    id: str
    author: str
    title: str
    at: float

    @property
    def short(self) -> str:
        return self.id[:10]


def without_password(text: str) -> str:
    return _USER.sub("", text)


class GitCheckout:
    """Owns `folder`: whatever else lies in it is removed by the next `take`."""

    def __init__(self, source: GitBranch, folder: Path) -> None:
        self.source, self.folder = source, folder
        self._ref = f"refs/modelctl/{source.branch}"

    def fetch(self) -> Commit:
        """The newest commit of the branch; the files stay as they are."""
        if not (self.folder / ".git" / "HEAD").is_file():
            self._begin()
        wanted = f"+refs/heads/{self.source.branch}:{self._ref}"
        self._git("fetch", "--no-tags", "--force", "--", self.source.url, wanted, within=FETCH_S)
        return self._described(self._ref)

    def taken(self) -> Commit | None:
        """The commit whose files lie in the folder; None before the first `take`."""
        try:
            return self._described("HEAD")
        except GitFailed:
            return None

    def take(self, commit: Commit) -> None:
        """Make the files those of `commit`. Readers must be kept away, since files change one by one.

        Heals what a crash left behind: the folder is ours, so a lock in it has no owner.
        """
        (self.folder / ".git" / "index.lock").unlink(missing_ok=True)
        self._git("checkout", "--force", "--detach", "--quiet", commit.id)
        self._git("clean", "-ffdxq")

    def follows(self, before: Commit, after: Commit) -> bool:
        """Whether `after` has `before` among its ancestors: false where the branch was rewritten."""
        try:
            self._git("merge-base", "--is-ancestor", before.id, after.id)
        except GitFailed:
            return False
        return True

    def count(self, before: Commit, after: Commit) -> int:
        """How many commits `after` has that `before` has not."""
        return int(self._git("rev-list", "--count", f"{before.id}..{after.id}"))

    def _begin(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True, mode=0o700)
        self._git("init", "--quiet", f"--initial-branch={self.source.branch}")

    def _described(self, name: str) -> Commit:
        id, author, at, title = self._git("log", "-1", f"--format={_FORMAT}", name, "--").rstrip("\n").split("\0")
        return Commit(id, author, title, float(at))

    def _git(self, *arguments: str, within: float = LOCAL_S) -> str:
        command = ["git", "-C", str(self.folder), "-c", "core.hooksPath=/dev/null", *arguments]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, errors="replace", check=False, timeout=within,
                env=_environment(), stdin=subprocess.DEVNULL,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise GitFailed(f"git did not answer within {within:.0f} s") from None
        except OSError as error:
            raise GitFailed(f"git cannot be run: {error.strerror}", hint="install git") from error
        if done.returncode:
            raise GitFailed(_reason(done.stderr))
        return done.stdout


def _environment() -> dict[str, str]:
    """Without questions to a terminal, and without the variables that git sets for its own hooks."""
    inherited = {name: value for name, value in project.environment().items() if name not in _OF_HOOKS}
    return {"GIT_SSH_COMMAND": _SSH, **inherited, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}


def _reason(text: str) -> str:
    """The line of git's output that says most."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    telling = [line for line in lines if line.startswith(_ABOUT) and not line.lower().startswith(_BETWEEN)]
    line = (telling or lines or ["no reason given"])[-1]
    for word in _ABOUT:
        line = line.removeprefix(word)
    return without_password(line)
