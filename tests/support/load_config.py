"""Config files through LiteLLM's own loader: path, tab, what it raised (empty: nothing)."""

from __future__ import annotations

import asyncio
import sys
from typing import Any


def outcome(path: str, loader: Any) -> str:
    try:
        asyncio.run(loader.load_config(router=None, config_file_path=path))
    except (Exception, SystemExit) as error:
        return f"{type(error).__name__}: {error}".replace("\n", " ")[:200]
    return ""


def main() -> None:
    from litellm.proxy.proxy_server import ProxyConfig

    for path in sys.argv[1:]:
        print(f"OUTCOME\t{path}\t{outcome(path, ProxyConfig())}", flush=True)


if __name__ == "__main__":
    main()
