"""The desired state as JSON and back: whoever stores or sends a state takes one of these forms.

The manifest names deployments and providers by digest: the store keeps their bodies once for all revisions. The whole
holds the bodies too: it is what the control plane answers. Packed, it is what the build cache keeps.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from modelctl.state.desired import Deployment, DesiredState, Model, Provider, Route
from modelctl.state.terms import Alerting

_AS_THEY_ARE = ("fallbacks", "settings", "env_defaults")


def manifest(desired: DesiredState) -> dict[str, Any]:
    """Everything but the bodies of deployments and providers."""
    return {"deployments": list(desired.deployments), **beside_ids(desired)}


def beside_ids(desired: DesiredState) -> dict[str, Any]:
    """The manifest without the ids of the deployments."""
    return {"providers": [provider.digest for provider in desired.providers], **_beside(desired)}


def _beside(desired: DesiredState) -> dict[str, Any]:
    return {
        "routes": {name: route.to_dict() for name, route in desired.routes.items()},
        **{name: getattr(desired, name) for name in _AS_THEY_ARE},
        "alerting": asdict(desired.alerting) if desired.alerting else None,
    }


def from_manifest(
    written: Mapping[str, Any], deployments: Mapping[str, Deployment], providers: Iterable[Provider] = ()
) -> DesiredState:
    """`deployments` holds at least those that the manifest names."""
    return DesiredState(
        {id_: deployments[id_] for id_ in written["deployments"]},
        {name: Route.from_dict(route) for name, route in written["routes"].items()},
        **{name: written[name] for name in _AS_THEY_ARE},
        providers=tuple(providers),
        alerting=_alerting(written.get("alerting")),
    )


def whole(desired: DesiredState) -> dict[str, Any]:
    """With the bodies. Secrets are references in it, as everywhere."""
    return {
        "revision": desired.revision,
        "manifest": manifest(desired),
        "deployments": {id_: deployment.to_dict() for id_, deployment in desired.deployments.items()},
        "providers": [provider.to_dict() for provider in desired.providers],
    }


def from_whole(written: Mapping[str, Any]) -> DesiredState:
    deployments = {id_: Deployment(**body) for id_, body in written["deployments"].items()}
    return from_manifest(written["manifest"], deployments, map(Provider.from_dict, written["providers"]))


def packed(desired: DesiredState) -> dict[str, Any]:
    """The whole with rows for bodies and without digests, which take time to work out: for a version's own use."""
    return {
        "manifest": {"deployments": list(desired.deployments), **_beside(desired)},
        "deployments": [tuple(deployment.to_dict().values()) for deployment in desired.deployments.values()],
        "providers": [
            {**provider.head, "models": [model.to_row() for model in provider.models]} for provider in desired.providers
        ],
    }


def from_packed(written: Mapping[str, Any]) -> DesiredState:
    deployments = {row[0]: Deployment(*row) for row in written["deployments"]}
    providers = (
        Provider(**{**provider, "models": tuple(map(Model.from_row, provider["models"]))})
        for provider in written["providers"]
    )
    return from_manifest(written["manifest"], deployments, providers)


def _alerting(written: Mapping[str, Any] | None) -> Alerting | None:
    return Alerting(written["webhook"], tuple(written["about"])) if written else None
