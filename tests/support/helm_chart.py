"""LiteLLM's official Helm chart as far as our values use it: which keys there are, and the pod that they make.

Written down from the chart's values.yaml and its template of the Deployment (deploy/charts/litellm-helm, late 2026). A
key that the chart does not know would be ignored in silence.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

KEYS: Mapping[str, type | tuple[type, ...] | Mapping[str, type | tuple[type, ...]]] = {
    "replicaCount": int,
    "numWorkers": int,
    "image": {"repository": str, "pullPolicy": str, "tag": str},
    "environmentSecrets": list,
    "masterkeySecretName": str,
    "masterkeySecretKey": str,
    "proxyConfigMap": {"create": bool, "name": str, "key": str},
    "envVars": dict,
    "extraEnvVars": list,
    "command": list,
    "args": list,
    "extraInitContainers": list,
    "extraContainers": list,
    "volumes": list,
    "volumeMounts": list,
    "lifecycle": dict,
    "terminationGracePeriodSeconds": int,
    "podAnnotations": dict,
    "podSecurityContext": dict,
    "securityContext": dict,
    "resources": dict,
    "pdb": {"enabled": bool, "minAvailable": (int, str), "maxUnavailable": (int, str)},
    "db": {"deployStandalone": bool, "useExisting": bool},
    "migrationJob": {"enabled": bool},
}
CONFIG = "/etc/litellm/config.yaml"
PORT = 4000
_MASTER_KEY = {"name": "masterkeySecretName", "key": "masterkeySecretKey"}


def unknown(values: Mapping[str, Any]) -> list[str]:
    """Keys that the chart does not have, and those with a value of another kind."""
    found = []
    for name, value in values.items():
        known = KEYS.get(name)
        if isinstance(known, Mapping) and isinstance(value, dict):
            found += [f"{name}.{each}" for each, inner in value.items() if not isinstance(inner, known.get(each, ()))]
        elif known is None or isinstance(known, Mapping) or not isinstance(value, known):
            found.append(name)
    return found


def deployment(values: Mapping[str, Any]) -> dict[str, Any]:
    """What the chart would send to Kubernetes, without its labels and probes of no interest here."""
    labels = {"app.kubernetes.io/name": "litellm"}
    spec = {
        "securityContext": values.get("podSecurityContext", {}),
        "initContainers": values.get("extraInitContainers", []),
        "containers": [_container(values), *values.get("extraContainers", [])],
        "volumes": [_config_volume(values), *values.get("volumes", [])],
        "terminationGracePeriodSeconds": values["terminationGracePeriodSeconds"],
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "litellm", "labels": labels},
        "spec": {
            "replicas": values["replicaCount"],
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": spec},
        },
    }


def arguments(values: Mapping[str, Any]) -> list[str]:
    """What LiteLLM's image is started with."""
    if values.get("args"):
        return list(values["args"])
    return ["--config", CONFIG, *(["--num_workers", str(values["numWorkers"])] if values.get("numWorkers") else [])]


def _container(values: Mapping[str, Any]) -> dict[str, Any]:
    key = {each: values[name] for each, name in _MASTER_KEY.items()}
    own = [{"name": "HOST", "value": "0.0.0.0"}, {"name": "PORT", "value": str(PORT)}]
    given = [{"name": name, "value": str(value)} for name, value in values.get("envVars", {}).items()]
    mount = {"name": "litellm-config", "mountPath": CONFIG, "subPath": "config.yaml"}
    return {
        "name": "litellm",
        "image": "litellm:chart",
        "env": [*own, {"name": "PROXY_MASTER_KEY", "valueFrom": {"secretKeyRef": key}}, *given],
        "envFrom": [{"secretRef": {"name": name}} for name in values.get("environmentSecrets", [])],
        "args": arguments(values),
        "ports": [{"name": "http", "containerPort": PORT, "protocol": "TCP"}],
        "volumeMounts": [mount, *values.get("volumeMounts", [])],
        "lifecycle": values.get("lifecycle", {}),
        "readinessProbe": {"httpGet": {"path": "/health/readiness", "port": "http"}},
    }


def _config_volume(values: Mapping[str, Any]) -> dict[str, Any]:
    config = values["proxyConfigMap"]
    items = [{"key": config["key"], "path": "config.yaml"}]
    return {"name": "litellm-config", "configMap": {"name": config["name"], "items": items}}
