"""One LiteLLM worker: the proxy on a listening socket that the supervisor opened.

`python -m modelctl.worker --fd N`. Several workers share one socket; each ends when the supervisor
does, also when that was killed.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import signal
import sys

GRACE = 5  # seconds that open streams get at the end


def main() -> None:
    parser = argparse.ArgumentParser(prog="modelctl.worker", description=__doc__)
    parser.add_argument("--fd", type=int, required=True, help="file descriptor of the listening socket")
    arguments = parser.parse_args()
    _end_with_parent()
    # uvicorn passes the signal on when it is done: end in the orderly way, so that the store hears of it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    import uvicorn

    uvicorn.run(
        "litellm.proxy.proxy_server:app",
        fd=arguments.fd,
        timeout_graceful_shutdown=GRACE,
        log_level="warning",
        access_log=False,
    )


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
