"""`python router_meaning.py < configs.json`: what litellm's own Router makes of each; a process of its own.

Input: a list of {config, env, hidden}; output: a list of {deployments, aliases, fallbacks, settings} or {error}.
"""

from __future__ import annotations

import contextlib
import copy
import json
import os
import subprocess
import sys
from typing import Any

os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
os.environ.setdefault("LITELLM_LOG", "CRITICAL")

KINDS = ("fallbacks", "context_window_fallbacks", "content_policy_fallbacks", "default_fallbacks")
LEFT_OUT = ("redis", "cache", "plugins", "model_list", "semantic")  # need a server, or code of the config's author


def ask(pairs: list[Any]) -> list[tuple[Any, Any]]:
    """(before, after) of each import, in one process, since importing litellm takes 6 to 20 s."""
    done = subprocess.run(
        [sys.executable, __file__], input=json.dumps([job for pair in pairs for job in _jobs(pair)]),
        capture_output=True, text=True, check=True, timeout=240,
    )  # fmt: skip
    found = json.loads(done.stdout)
    return list(zip(found[::2], found[1::2], strict=True))


def _jobs(both: Any) -> list[dict[str, Any]]:
    """`none` stands for placeholders; OLLAMA_API_BASE is not set, as LiteLLM's own default is not."""
    hidden = [text for text in both.hidden() if not text.startswith("os.environ/")] + ["none", "None"]
    configs = (json.loads(json.dumps(config, default=str)) for config in (both.before, both.after))
    return [{"config": config, "env": both.environment(), "hidden": hidden} for config in configs]


def main() -> None:
    out = sys.stdout
    with contextlib.redirect_stdout(sys.stderr):
        import litellm

        litellm.suppress_debug_info = True
        found = [_one(litellm, **each) for each in json.load(sys.stdin)]
    json.dump(found, out, default=str)


def _one(litellm: Any, config: dict[str, Any], env: dict[str, str], hidden: list[str]) -> dict[str, Any]:
    os.environ.update(env)
    settings = config.get("litellm_settings") or {}
    before = {kind: getattr(litellm, kind, None) for kind in KINDS}
    for kind in KINDS:
        setattr(litellm, kind, copy.deepcopy(settings.get(kind)))
    litellm.custom_provider_map = [
        {"provider": each["provider"], "custom_handler": litellm.CustomLLM()}
        for each in settings.get("custom_provider_map") or ()
    ]
    litellm.utils.custom_llm_setup()
    try:
        return _of(_router(litellm, config), set(hidden))
    except Exception as error:
        return {"error": type(error).__name__}
    finally:
        for kind, value in before.items():
            setattr(litellm, kind, value)
        for name in env:
            os.environ.pop(name, None)


def _router(litellm: Any, config: dict[str, Any]) -> Any:
    allowed = set(litellm.Router.get_valid_args())
    written = config.get("router_settings") or {}
    settings = {key: value for key, value in written.items() if key in allowed and not key.startswith(LEFT_OUT)}
    entries = [_resolved(entry) for entry in config.get("model_list") or []]
    return litellm.Router(model_list=entries, ignore_invalid_deployments=True, **copy.deepcopy(settings))


def _resolved(value: Any) -> Any:
    """As the proxy does it to the whole config before the Router sees it."""
    if isinstance(value, dict):
        return {key: _resolved(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_resolved(each) if isinstance(each, dict) else each for each in value]
    return os.environ.get(value[11:]) if isinstance(value, str) and value.startswith("os.environ/") else value


def _of(router: Any, hidden: set[str]) -> dict[str, Any]:
    from litellm.router_utils.fallback_event_handlers import get_fallback_model_group

    deployments = sorted(
        {_deployment(each, hidden) for each in router.model_list if each["model_name"] not in router.model_group_alias}
    )
    names = [*dict.fromkeys(router.get_model_names()), *router.model_group_alias]
    chains = {
        kind: {
            name: get_fallback_model_group(fallbacks=getattr(router, kind) or [], model_group=name)[0] for name in names
        }
        for kind in KINDS[:3]
    }
    settings = {key: value for key, value in router.get_settings().items() if key not in (*KINDS, "model_group_alias")}
    return {"deployments": deployments, "names": sorted(names), "fallbacks": chains, "settings": settings}


def _deployment(deployment: dict[str, Any], hidden: set[str]) -> str:
    info = {key: value for key, value in deployment["model_info"].items() if key not in ("id", "imported_id")}
    params = {key: "<hidden>" if str(value) in hidden else value for key, value in deployment["litellm_params"].items()}
    return json.dumps([deployment["model_name"], params, info], sort_keys=True, default=str)


if __name__ == "__main__":
    main()
