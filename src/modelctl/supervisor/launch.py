"""What `up` starts, and with which environment."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from modelctl import project
from modelctl.control_plane.tls_files import TlsFiles
from modelctl.project import Settings
from modelctl.state.desired import DesiredState
from modelctl.state.router_config import resolve_routes
from modelctl.supervisor.managed_process import ProcessCommand
from modelctl.system.replace_file import PRIVATE, replace_file
from modelctl.system.state_folder import ensure_master_key

WORKER = (sys.executable, "-m", "modelctl.worker")
KEY = "LITELLM_MASTER_KEY"
WEB_PROXIES = ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy")
CONTROL = (sys.executable, "-m", "modelctl", "serve")


@dataclass(frozen=True)
class LaunchSpec:
    """What `up` was asked for. The two argv's are what the children are started with."""

    settings: Settings
    environ: Mapping[str, str]  # what the children get, `.env` included
    from_dotenv: frozenset[str] = frozenset()
    host: str = project.HOST
    port: int = project.PORT
    proxy_host: str = project.PROXY_HOST
    proxy_port: int = project.PROXY_PORT
    workers: int = 1
    manual: bool = False
    drain_s: float = 60.0  # how long a worker that is replaced may finish what it serves
    tls: TlsFiles | None = None  # what the control plane serves with
    preflight: bool | None = None
    git_url: str | None = None  # whence the control plane takes the catalog
    git: tuple[str, ...] = ()  # and how it follows it
    control_argv: tuple[str, ...] = CONTROL
    worker_argv: tuple[str, ...] = WORKER

    @property
    def server_url(self) -> str:
        return _url(self.host, self.port, "https" if self.tls else "http")

    @property
    def proxy_url(self) -> str:
        return _url(self.proxy_host, self.proxy_port)

    @property
    def key_is_exported(self) -> bool:
        """Whether the user's own shell knows the master key: then it is nowhere written down."""
        return bool(self.environ.get(KEY)) and KEY not in self.from_dotenv

    def control(self, fd: int) -> ProcessCommand:
        """The control plane, on a socket that is bound already. Its output is ours."""
        argv = [
            *self.control_argv, "--fd", str(fd), "--host", self.host, "--port", str(self.port),
            "--catalog", str(self.settings.catalog), "--state", str(self.settings.state),
            "--publish", "manual" if self.manual else "auto",
            *(["--env", self.settings.environment] if self.settings.environment else []),
            *(["--tls-cert", str(self.tls.cert), "--tls-key", str(self.tls.key)] if self.tls else []),
            *self.git,
            *([] if self.preflight is None else ["--preflight" if self.preflight else "--no-preflight"]),
        ]  # fmt: skip
        # Store and repository by the environment: a URL may hold a password, and everybody may read arguments.
        environ = {**self.environ, "MODELCTL_STORE": self.settings.store, "MODELCTL_PARENT": str(os.getpid())}
        environ |= {project.GIT: self.git_url} if self.git_url else {}
        return ProcessCommand("control plane", argv, environ, fds=(fd,))

    def worker(self, number: int, fd: int, desired: DesiredState) -> ProcessCommand:
        """A LiteLLM worker. The environment wins over `.env` (it is in `environ` already), that over ours.

        The catalog's defaults for variables are the hook's to set, since they may change while it runs.
        """
        set_here = direct({name: value for name, value in self.environ.items() if value})
        environ = {
            "LITELLM_LOCAL_MODEL_COST_MAP": "True",
            "PYTHONFAULTHANDLER": "1",  # a crash of the interpreter leaves the lines that ran in the log, and no values
            project.DEMO_URL: f"{self.server_url}{project.DEMO_PATH}", **set_here,
            "MODELCTL_STATE": str(self.settings.state), "MODELCTL_STORE": self.settings.store,
            "MODELCTL_PARENT": str(os.getpid()), "CONFIG_FILE_PATH": str(self._boot_config(desired)),
            KEY: self.environ[KEY] if self.key_is_exported else ensure_master_key(self.settings.state),
            "LITELLM_WORKER_STARTUP_HOOKS": "modelctl.hook:startup",
        }  # fmt: skip
        log = self.settings.state / f"litellm-{number}.log"
        return ProcessCommand(f"LiteLLM worker {number}", [*self.worker_argv, "--fd", str(fd)], environ, log, (fd,))

    def _boot_config(self, desired: DesiredState) -> Path:
        """For a worker whose hook cannot hand LiteLLM its config; JSON is YAML."""
        path = self.settings.state / "boot.yaml"
        text = json.dumps(resolve_routes(desired, {}).config(), indent=1)
        replace_file(path, text, mode=PRIVATE, durable=False)
        return path


def direct(environ: Mapping[str, str]) -> dict[str, str]:
    """Where a web proxy is set: this machine, which the demo model is on, is asked without it."""
    if not any(environ.get(name) for name in WEB_PROXIES):
        return dict(environ)
    given = environ.get("no_proxy") or environ.get("NO_PROXY") or ""
    there = [part.strip() for part in given.split(",") if part.strip()]
    names = ",".join([*there, *(name for name in project.LOOPBACK if name not in there)])
    return {**environ, "NO_PROXY": names, "no_proxy": names}


def _url(host: str, port: int, scheme: str = "http") -> str:
    host = project.reachable(host)
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"
