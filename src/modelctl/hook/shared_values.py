"""What entries are served with beside their own parameters: named credentials, and variables that the config sets.

LiteLLM looks a credential up with each request and falls back to a key of the environment where there is none: a
model that is live before its credential would send that key to a host that it was not meant for. So both go live in
one step with the entries that they touch, and the way back is taken before these entries are put back.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import litellm
from pydantic import ValidationError

from modelctl.hook.variables import references
from modelctl.litellm_spec.config import section
from modelctl.litellm_spec.hot_settings import TAGS
from modelctl.state.desired import Deployment

# In these parameters LiteLLM takes a key from the entry itself, so that no variable stands in for it.
_KEY = re.compile(r"KEY|TOKEN|SECRET|CREDENTIAL|PASSWORD")
OWN_KEYS = ("api_key", "litellm_credential_name", "aws_access_key_id", "vertex_credentials", "azure_ad_token")


@dataclass(frozen=True, slots=True)
class Touched:
    """Names whose value an edit changes, and whether it changes how tags choose."""

    variables: frozenset[str] = frozenset()
    credentials: frozenset[str] = frozenset()
    tags: bool = False

    def rebuilds(self, entry: Deployment) -> bool:
        """Whether LiteLLM has put a changed value into the deployment when it was made."""
        by_credential = bool(entry.params.get("use_in_pass_through")) and self._named(entry)
        return by_credential or not self.variables.isdisjoint(name for _, name in references(entry.entry()))

    def concerns(self, entry: Deployment) -> bool:
        """Whether a deployment that comes, changes or goes must do so in the same moment as the values."""
        return self.keyless(entry) or self._named(entry) or (self.tags and bool(entry.params.get("tags")))

    def keyless(self, entry: Deployment) -> bool:
        """Whether LiteLLM may take its key from one of the variables, with each request."""
        return bool(self.variables) and not any(entry.params.get(name) for name in OWN_KEYS)

    def astray(self, gone: Iterable[Deployment], coming: Iterable[Deployment]) -> tuple[Deployment, str] | None:
        """One of `gone` whose address nobody in `coming` has, and the variable from which its key comes and changes.

        LiteLLM looks such a key up after it has chosen where to send a request: one that is under way would carry the
        new key to the old address.
        """
        keys = sorted(name for name in self.variables if _KEY.search(name.upper()))
        if not keys:
            return None
        addresses = {_address(each) for each in coming if self.keyless(each)}
        deployments = (
            deployment for deployment in gone if self.keyless(deployment) and _address(deployment) not in addresses
        )
        return next(((each, keys[0]) for each in deployments), None)

    def _named(self, entry: Deployment) -> bool:
        name = entry.params.get("litellm_credential_name")
        return isinstance(name, str) and name in self.credentials


class SharedValues:
    """`settings` are those that this worker started on."""

    def __init__(self, proxy_config: Any, settings: Mapping[str, Any]) -> None:
        self._proxy_config = proxy_config
        self._current = settings
        self._found: dict[str, str | None] = {}  # variables that were set here -> what they were before

    def touched(self, new: Mapping[str, Any], changed: set[str]) -> Touched:
        """`changed` are variables that get another value for another reason."""
        if new is self._current and not changed:
            return Touched()
        old_variables, new_variables = _variables(self._current), _variables(new)
        names = old_variables.keys() | new_variables.keys()
        variables = {name for name in names if old_variables.get(name) != new_variables.get(name)}
        old, wanted = _credentials(self._current), _credentials(new)
        every = frozenset(variables | changed)
        credentials = {
            name
            for name in old.keys() | wanted.keys()
            if old.get(name) != wanted.get(name)
            or not every.isdisjoint(variable for _, variable in references(wanted.get(name)))
        }
        routers = section(self._current, "router_settings"), section(new, "router_settings")
        tags = any(routers[0].get(key) != routers[1].get(key) for key in TAGS)
        return Touched(every, frozenset(credentials), tags)

    def set_variables(self, new: Mapping[str, Any], touched: Touched) -> Callable[[], None]:
        """Returns the way back."""
        before = {name: os.environ.get(name) for name in touched.variables}
        found = dict(self._found)
        self._set_variables(_variables(self._current), _variables(new))

        def restore() -> None:
            _restore(before)
            self._found = found

        return restore

    def set_credentials(self, new: Mapping[str, Any], touched: Touched) -> Callable[[], None]:
        """After the variables. Raises, with nothing changed, what LiteLLM's boot would; returns the way back."""
        before, old = litellm.credential_list, self._current
        if touched.credentials:
            litellm.credential_list = self._credentials_of(old, new)
        self._current = new

        def restore() -> None:
            litellm.credential_list, self._current = before, old

        return restore

    def _set_variables(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
        blocked = getattr(self._proxy_config, "_BLOCKED_ENV_KEYS", ())
        for name in [name for name in old if name not in new and name in self._found]:
            _restore({name: self._found.pop(name)})
        fresh = {name: value for name, value in new.items() if old.get(name) != value and name not in blocked}
        resolved = self._proxy_config._check_for_os_environ_vars(config=fresh)
        for name, value in resolved.items():
            if value is None:
                continue
            if name not in old:  # the value from before LiteLLM's boot is unknown
                self._found.setdefault(name, os.environ.get(name))
            os.environ[name] = str(value)

    def _credentials_of(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Any]:
        """The credentials to set; those from LiteLLM's database stay."""
        listed = {"credential_list": new.get("credential_list") or []}
        resolved = self._proxy_config._check_for_os_environ_vars(config=listed)
        ours = self._loaded(resolved)
        names = {*_credentials(old), *(each.credential_name for each in ours)}
        return [*(each for each in litellm.credential_list if each.credential_name not in names), *ours]

    def _loaded(self, resolved: Mapping[str, Any]) -> list[Any]:
        """Loads them as LiteLLM does; its own error message would repeat a key."""
        try:
            loaded: list[Any] = self._proxy_config.load_credential_list(config=resolved)
        except ValidationError as error:
            found = {f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()}
            raise ValueError(f"LiteLLM takes no such credential_list ({'; '.join(sorted(found))})") from None
        return loaded


def _address(entry: Deployment) -> Any:
    return entry.params.get("api_base") or entry.params.get("base_url")


def _restore(variables: Mapping[str, str | None]) -> None:
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


def _variables(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {str(name): value for name, value in section(settings, "environment_variables").items()}


def _credentials(settings: Mapping[str, Any]) -> dict[str, Any]:
    listed = settings.get("credential_list")
    entries = [item for item in listed if isinstance(item, Mapping)] if isinstance(listed, list) else []
    return {str(entry.get("credential_name")): entry for entry in entries}
