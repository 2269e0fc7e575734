"""Options of `serve` and `up` that take the catalog from a branch, and the checkout that they lead to."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import typer

from modelctl import project
from modelctl.cli import options, output
from modelctl.cli.dotenv_file import load_dotenv
from modelctl.control_plane.git_checkout import GitBranch, GitCheckout
from modelctl.control_plane.git_follow import GitFollow
from modelctl.errors import UsageError
from modelctl.project import Settings
from modelctl.system.state_folder import make_state

FOLDER = "git"  # in the state folder
_PANEL = "Catalog from git"

Git = Annotated[
    str | None,
    typer.Option(
        "--git", envvar=project.GIT, show_envvar=False, show_default=False, rich_help_panel=_PANEL,
        help=rf"Follow a branch of this repository (whatever `git clone` takes). \[env: {project.GIT}]",
    ),
]  # fmt: skip
Branch = Annotated[str, typer.Option(help="The branch to follow.", rich_help_panel=_PANEL)]
Poll = Annotated[str, typer.Option(help="How often to look for new commits: 30s, 5m.", rich_help_panel=_PANEL)]
StaleAfter = Annotated[
    str | None,
    typer.Option(
        help="`/readyz` fails when the remote has not answered for so long, such as 10m.", show_default=False,
        rich_help_panel=_PANEL,
    ),
]  # fmt: skip


@dataclass(frozen=True)
class GitOptions:
    """As they were written."""

    url: str
    branch: str
    poll: str
    stale_after: str | None = None

    @property
    def argv(self) -> tuple[str, ...]:
        """For another process of ours, which finds the repository in its environment."""
        stale = ("--stale-after", self.stale_after) if self.stale_after else ()
        return ("--branch", self.branch, "--poll", self.poll, *stale)


def read(url: str | None, branch: str, poll: str, stale_after: str | None) -> GitOptions | None:
    """None without `--git`. Raises UsageError for what git could take for an option."""
    if url is None:
        if stale_after:
            raise UsageError("--stale-after needs --git", hint="modelctl serve --git URL --stale-after 10m")
        return None
    if not url or url.startswith("-") or not branch or branch.startswith("-"):
        raise UsageError("--git needs a repository and --branch a branch", hint="--git URL --branch main")
    local = Path(url)
    return GitOptions(str(local.absolute()) if local.exists() else url, branch, poll, stale_after)


def resolved(
    git: GitOptions | None, catalog: Path | None, state: Path | None, store: str | None, *, env: str | None = None
) -> Settings:
    """With `--git` the catalog lies in a checkout in the state folder; `--catalog` names a folder of the repository."""
    found = options.resolved(None if git else catalog, state, None, store, env=env)
    if git is None:
        return found
    folder = found.state if state or _named(found) else (Path.cwd() / project.STATE)
    inside = catalog or Path("catalog")
    return replace(found, state=folder, catalog=folder / FOLDER / inside, store=_store(found, folder))


def load_variables(git: GitOptions | None, catalog: Path | None, state: Path | None) -> frozenset[str]:
    """`.env` of the project's folder: with `--git` that is the working folder, since secrets are in no repository."""
    return load_dotenv(options.resolved(None if git else catalog, state))


def _named(found: Settings) -> bool:
    return found.state != found.root / project.STATE


def _store(found: Settings, folder: Path) -> str:
    return str(folder) if found.store == str(found.state) else found.store


def checkout(settings: Settings, git: GitOptions | None) -> GitFollow | None:
    """Puts the branch's files in place. Raises GitFailed where neither the remote nor a former run has them."""
    if git is None:
        return None
    make_state(settings.state)
    every = options.seconds(git.poll)
    stale = options.seconds(git.stale_after) if git.stale_after else None
    source = GitBranch(git.url, git.branch)
    output.say(f"fetching {source.shown} branch {source.branch}")
    followed = GitFollow(GitCheckout(source, settings.state / FOLDER), every=every, stale_after=stale)
    os.chdir(settings.state / FOLDER)  # so that problems name files as the repository does
    return followed
