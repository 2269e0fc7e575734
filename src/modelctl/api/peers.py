"""Which user of this machine is at the other end of a connection over loopback.

Without tokens only the user who runs this control plane (and root) may write. Linux says of every socket
which user it belongs to; elsewhere nobody can tell, and loopback alone has to do.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path

from modelctl.api import sock_diag

TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
Address = tuple[str, int]
_ROOT = 0


def can_tell(tables: Iterable[Path] = TABLES) -> bool:
    return any(os.access(table, os.R_OK) for table in tables)


def is_same_user(client: Address, server: Address, tables: Iterable[Path] | None = None) -> bool:
    """Whether the client's end belongs to this process's user or to root.

    A socket that its program has closed belongs to nobody any more (the kernel then shows root): it is refused.
    """
    return owner(client, server, tables) in (os.getuid(), _ROOT)


def owner(client: Address, server: Address, tables: Iterable[Path] | None = None) -> int | None:
    """The user who holds the client's end of the connection; None where no program holds it.

    `tables`: look there; without them the kernel is asked, and TABLES are read where it cannot be.
    """
    wanted = _plain(client), _plain(server)
    if tables is None:
        with suppress(OSError, AttributeError):  # netlink may be missing
            found = sock_diag.holder(*wanted)
            return found[0] if found and found[1] else None
    return _listed(wanted, TABLES if tables is None else tables)


def _listed(wanted: tuple[Address, Address], tables: Iterable[Path]) -> int | None:
    client, server = wanted
    for table in tables:
        for local, remote, user, inode in _rows(table, client[1], server[1]):
            if (local, remote) == wanted:
                return user if inode else None
    return None


def _rows(table: Path, near: int, far: int) -> Iterator[tuple[Address, Address, int, int]]:
    """Connections between these two ports: both ends, user and inode."""
    try:
        lines = table.read_text().splitlines()[1:]
    except OSError:
        return
    ends = f":{near:04X} ", f":{far:04X} "
    for line in lines:
        if ends[0] in line and ends[1] in line:
            words = line.split()
            yield _end(words[1]), _end(words[2]), int(words[7]), int(words[9])


def _end(text: str) -> Address:
    """`0100007F:1E61`: words of four bytes, each as this machine keeps numbers."""
    digits, _, port = text.partition(":")
    words = (int(digits[at : at + 8], 16) for at in range(0, len(digits), 8))
    packed = b"".join(word.to_bytes(4, sys.byteorder) for word in words)
    family = socket.AF_INET if len(packed) == 4 else socket.AF_INET6
    return _plain((socket.inet_ntop(family, packed), int(port, 16)))


def _plain(address: Address) -> Address:
    """Unwraps an IPv4 address that is written as IPv6."""
    found = ip_address(address[0].partition("%")[0])
    return str(getattr(found, "ipv4_mapped", None) or found), address[1]
