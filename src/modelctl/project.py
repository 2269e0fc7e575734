"""Where things are and what the environment says: the only reader of `os.environ` outside the hook.

A project is the folder that holds `catalog/`; it is looked for from the working folder upward, as
git does. Options win over the environment, the environment wins over `.env` beside the catalog.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from modelctl.errors import ModelctlError, UsageError
from modelctl.system.token_file import read_tokens

HOST, PORT = "127.0.0.1", 7777
PROXY_HOST, PROXY_PORT = "127.0.0.1", 4000
STATE = ".modelctl"
GIT = "MODELCTL_GIT"  # the variable for `--git`
DEMO_URL, DEMO_PATH = (
    "MODELCTL_DEMO_URL",
    "/demo/v1",
)  # where LiteLLM finds the shipped demo model: the variable, the path
MARK = "x-modelctl-catalog"  # the header in which a control plane says whose it is
PROJECT = "x-modelctl-project"  # the name of the project's folder, for people who act from elsewhere
CORS_ORIGINS = tuple(f"http://{host}:{port}" for port in (3000, 3001) for host in ("localhost", "127.0.0.1"))
LEAST_TOKEN = 8  # characters
LOOPBACK = ("127.0.0.1", "localhost", "::1")
_LOOPBACK = re.compile(r"localhost|127\.\d+\.\d+\.\d+|::1|\[::1\]")


@dataclass(frozen=True)
class Settings:
    """Resolved once per process. `tokens` is secret -> the name of who holds it."""

    catalog: Path
    state: Path
    store: str
    server: str
    token: str | None = field(default=None, repr=False)
    tokens: Mapping[str, str] = field(default_factory=dict, repr=False)
    token_file: Path | None = None  # digests of further tokens, with roles; need not exist
    private_reads: bool = False  # reading needs a token as well
    audit: str | None = None  # where each write gets its line: a file, or `log`
    cors_origins: tuple[str, ...] = CORS_ORIGINS
    allowed_hosts: tuple[str, ...] = ()
    alerts_url: str | None = field(default=None, repr=False)
    environment: str | None = None  # the catalog's overlay, `environments/<name>.yaml`
    server_named: bool = True  # by an option, the environment, or the `up` of this project

    @property
    def mark(self) -> str:
        """Names the catalog folder without telling where it is."""
        return hashlib.sha256(os.path.realpath(self.catalog).encode(errors="surrogateescape")).hexdigest()[:16]

    @property
    def root(self) -> Path:
        """The project folder."""
        return self.catalog.parent

    @property
    def template(self) -> Path | None:
        """The project's own template, if it has one."""
        path = self.root / "templates" / "litellm_config.yaml.j2"
        return path if path.is_file() else None

    @property
    def rendered(self) -> Path:
        """An environment renders to a file of its own, so that both can be committed."""
        name = f"litellm_config.{self.environment}.yaml" if self.environment else "litellm_config.yaml"
        return self.root / name


def resolve(
    catalog: Path | None = None,
    state: Path | None = None,
    server: str | None = None,
    store: str | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    environment: str | None = None,
) -> Settings:
    """Options first, then the environment, then what the folder holds."""
    environ = os.environ if environ is None else environ
    folder = catalog or _path(environ, "MODELCTL_CATALOG") or find_catalog(Path.cwd())
    folder = folder.absolute()  # not resolve(): a symlinked catalog keeps its own parent
    where = (state or _path(environ, "MODELCTL_STATE") or folder.parent / STATE).absolute()
    token = environ.get("MODELCTL_TOKEN") or None
    tokens = parse_tokens(token or "")
    named = server or environ.get("MODELCTL_SERVER") or _noted(where, "server")
    return Settings(
        catalog=folder,
        state=where,
        store=store or environ.get("MODELCTL_STORE") or str(where),
        server=_url(named or f"{HOST}:{PORT}"),
        token=next(iter(tokens), None),
        tokens=tokens,
        token_file=_path(environ, "MODELCTL_TOKENS") or where / "tokens",
        audit=environ.get("MODELCTL_AUDIT") or None,
        private_reads=environ.get("MODELCTL_READS") == "token",
        cors_origins=_words(environ, "MODELCTL_CORS_ORIGINS") or CORS_ORIGINS,
        allowed_hosts=_words(environ, "MODELCTL_ALLOWED_HOSTS"),
        alerts_url=environ.get("MODELCTL_ALERTS_URL") or None,
        environment=environment or environ.get("MODELCTL_ENV") or None,
        server_named=named is not None,
    )


def cache_folder(environ: Mapping[str, str] | None = None) -> Path:
    """Where results may be kept that can be worked out again: `$XDG_CACHE_HOME/modelctl`."""
    environ = os.environ if environ is None else environ
    base = _path(environ, "XDG_CACHE_HOME") or Path(environ.get("HOME") or "~").expanduser() / ".cache"
    return base / "modelctl"


def find_catalog(start: Path) -> Path:
    """`catalog/` of the nearest project folder from `start` upward, else the one `start` would have."""
    for folder in (start, *start.parents):
        if (folder / "catalog").is_dir():
            return folder / "catalog"
    return start / "catalog"


def parse_tokens(text: str) -> dict[str, str]:
    """`secret` or `name:secret,name2:secret2` -> secret -> name ("" where it has none).

    A comma may be part of a random secret: a text is a list only where it has names and every part could be a token.
    """
    pairs = [part.strip().rpartition(":") for part in text.split(",") if part.strip()]
    named = [bool(name) for name, _, _ in pairs]
    long = all(len(secret) >= LEAST_TOKEN for _, _, secret in pairs)
    if len(pairs) > 1 and not (all(named) or (any(named) and long)):
        return {text.strip(): ""}
    return {secret: name for name, _, secret in pairs if secret}


def refuse_short_tokens(settings: Settings) -> None:
    """What can be guessed in minutes protects nothing."""
    short = sum(len(secret) < LEAST_TOKEN for secret in settings.tokens)
    if short:
        raise UsageError(
            f"MODELCTL_TOKEN holds {short} token{'s' if short > 1 else ''} of under {LEAST_TOKEN} characters",
            hint="openssl rand -hex 16 makes a good one",
        )


def trusted_file() -> Path | None:
    """Certificates (PEM) that a control plane's own is checked against; without them the system's are."""
    return _path(os.environ, "MODELCTL_CA")


def environment() -> dict[str, str]:
    """A copy of this process's environment, to hand to a child."""
    return dict(os.environ)


def parent_pid() -> int | None:
    """The supervisor that started this process, if one did."""
    value = os.environ.get("MODELCTL_PARENT", "")
    return int(value) if value.isdigit() else None


def user() -> str:
    """Who is at this terminal: the actor of what is done without a token's name."""
    if name := os.environ.get("USER"):
        return name
    from getpass import getuser  # most shells set USER

    try:
        return getuser()
    except (OSError, KeyError):  # an account without a name, as containers have it
        return "someone"


def is_loopback(host: str) -> bool:
    return bool(_LOOPBACK.fullmatch(host))


def reachable(host: str) -> str:
    """Where to ask a server that listens on `host`."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)


def refuse_open_writes(settings: Settings, host: str) -> None:
    """Who listens beyond this machine needs a token, else anyone could switch models; none may be guessed easily.

    Raises TokenFileError for a file of tokens that cannot be trusted.
    """
    refuse_short_tokens(settings)
    named = settings.token_file is not None and settings.token_file != settings.state / "tokens"
    listed = settings.token_file and (named or settings.token_file.exists()) and read_tokens(settings.token_file)
    if not is_loopback(host) and not settings.tokens and not listed:
        raise UsageError(
            f"{host} can be reached from elsewhere, so writes need a token",
            hint="set MODELCTL_TOKEN, or `modelctl token add NAME`, or listen on 127.0.0.1",
        )


def need_catalog(settings: Settings) -> Path:
    """The catalog folder, or a clear refusal when there is none."""
    if not settings.catalog.is_dir():
        raise ModelctlError(
            f"there is no catalog at {settings.catalog}", hint="run `modelctl init`, or pass --catalog DIR"
        )
    return settings.catalog


def _url(server: str) -> str:
    return server if "://" in server else f"http://{server}"


def _path(environ: Mapping[str, str], name: str) -> Path | None:
    return Path(value) if (value := environ.get(name)) else None


def _words(environ: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in environ.get(name, "").split(",") if part.strip())


def proxy_url(state: Path) -> str:
    """Where the LiteLLM of this project listens, as far as anyone said."""
    return os.environ.get("MODELCTL_PROXY") or _noted(state, "proxy") or f"http://{PROXY_HOST}:{PROXY_PORT}"


def _noted(state: Path, what: str) -> str | None:
    """What the `up` of this project wrote down about itself."""
    try:
        value = json.loads((state / "up.json").read_text()).get(what)
    except (OSError, ValueError, AttributeError):
        return None
    return value if isinstance(value, str) else None
