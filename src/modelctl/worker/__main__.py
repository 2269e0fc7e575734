"""One LiteLLM worker: the proxy on a listening socket that the supervisor opened.

`python -m modelctl.worker --fd N`. Several workers share one socket; each ends when the supervisor
does, also when that was killed. SIGUSR1 drains it: see `draining_server`.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import signal
import socket
import sys

GRACE = 5  # seconds that open streams get at the end


def main() -> None:
    parser = argparse.ArgumentParser(prog="modelctl.worker", description=__doc__)
    parser.add_argument("--fd", type=int, required=True, help="file descriptor of the listening socket")
    arguments = parser.parse_args()
    _end_with_parent()
    # uvicorn passes the signal on when it is done: end in the orderly way, so that the store hears of it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    import uvicorn  # not before the parent's death is watched: it takes its time

    from modelctl.worker.draining_server import DrainingServer

    config = uvicorn.Config(
        "litellm.proxy.proxy_server:app",
        timeout_graceful_shutdown=GRACE,
        log_level="warning",
        access_log=False,
    )
    # Not uvicorn's own `fd`: it takes the socket for a Unix one and leaves Nagle's algorithm on, 40 ms an answer.
    server = DrainingServer(config)
    signal.signal(signal.SIGUSR1, lambda *_: server.drain())
    server.run(sockets=[socket.socket(fileno=arguments.fd)])


def _end_with_parent() -> None:
    """Ask Linux to pass the parent's death on; elsewhere the hook's own thread notices it."""
    parent = int(os.environ.get("MODELCTL_PARENT") or 0)
    if parent and sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None, use_errno=True).prctl(pr_set_pdeathsig, signal.SIGTERM)
    if parent and os.getppid() != parent:
        sys.exit("modelctl.worker: the supervisor is gone")


if __name__ == "__main__":
    main()
