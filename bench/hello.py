"""The control plane's own application with one route more: `python -m bench.hello FD CATALOG STATE`."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import uvicorn

from modelctl import project
from modelctl.api.application import create_app
from modelctl.control_plane import serve
from modelctl.system import state_folder


async def hello() -> dict[str, str]:
    return {"hello": "world"}


def main() -> None:
    fd, catalog, state = sys.argv[1:]
    resolved = project.resolve(Path(catalog), Path(state))
    state_folder.make_state(resolved.state)
    service = serve.make_service(resolved)
    service.publish()
    app = create_app(service, resolved)
    app.add_api_route("/hello", hello)
    config = uvicorn.Config(app, log_level="warning", access_log=False, server_header=False, proxy_headers=False)
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=int(fd))])


if __name__ == "__main__":
    main()
