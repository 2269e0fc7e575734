"""Listening sockets, bound before anything else is started: a port in use is said at once."""

from __future__ import annotations

import errno
import socket
import time
from collections.abc import Callable

from modelctl.errors import ModelctlError

BACKLOG = 2048
Occupant = Callable[[str, int], ModelctlError | None]


def bind(
    host: str, port: int, option: str, patience: float = 0.0, *, occupant: Occupant | None = None
) -> socket.socket:
    """A listening socket for children to inherit. `patience`: how long children of a killed `up` may
    take to let go of the port. Raises ModelctlError when the port is in use; `occupant` may know by what."""
    deadline = time.monotonic() + patience
    while True:
        try:
            return _bind(host, port)
        except OSError as error:
            if error.errno != errno.EADDRINUSE or time.monotonic() > deadline:
                known = occupant(host, port) if occupant and error.errno == errno.EADDRINUSE else None
                raise (known or _clear(error, host, port, option)) from error
        time.sleep(0.1)


def _bind(host: str, port: int) -> socket.socket:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, kind, protocol, _, address = found[0]
    bound = socket.socket(family, kind, protocol)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Connections inherit it; a server that is handed this socket may not set it, and without it an answer in
        # two parts takes 40 ms longer.
        bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        bound.bind(address)
        bound.listen(BACKLOG)
        bound.setblocking(False)
    except OSError:
        bound.close()
        raise
    return bound


def _clear(error: OSError, host: str, port: int, option: str) -> ModelctlError:
    if error.errno == errno.EADDRINUSE:
        text = f"port {port} on {host} is in use by another program"
        return ModelctlError(text, hint=f"stop that program, or choose another with {option} PORT")
    return ModelctlError(f"cannot listen on {host}:{port}: {error.strerror or error}")
