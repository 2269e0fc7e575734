"""Linux's answer to "who holds this connection": one question over netlink (sock_diag(7)), 50 microseconds.

The tables under /proc say the same, but the kernel walks all of its buckets for each reading: 3 ms on a large machine.
"""

from __future__ import annotations

import errno
import os
import socket
import struct
from ipaddress import ip_address

_PROTOCOL, _BY_FAMILY, _REQUEST, _ERROR = 4, 20, 1, 2  # NETLINK_SOCK_DIAG, SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST, ...
_HEADER = struct.Struct("=IHHII")  # length, type, flags, sequence, port
_KIND = struct.Struct("=BBBBI")  # family, protocol, extensions, padding, states
_ENDS = struct.Struct("!HH16s16s")  # ports and addresses: near, far
_ANY = struct.pack("=III", 0, 0xFFFFFFFF, 0xFFFFFFFF)  # interface, cookie
_SOCKET = struct.Struct("=IIIII")  # expires, receive queue, send queue, user, inode
_ENDS_AT = _HEADER.size + 4  # where the answer's begin
_SOCKET_AT = _ENDS_AT + _ENDS.size + len(_ANY)
_TIME = 1.0  # seconds

Address = tuple[str, int]


def holder(near: Address, far: Address) -> tuple[int, int] | None:
    """(user, inode) of the socket whose own end is `near`; None where there is none. OSError: nobody can be asked."""
    addresses = [ip_address(end[0]).packed.ljust(16, b"\0") for end in (near, far)]
    family = socket.AF_INET if ip_address(near[0]).version == 4 else socket.AF_INET6
    ends = _ENDS.pack(near[1], far[1], *addresses)
    asked = _KIND.pack(family, socket.IPPROTO_TCP, 0, 0, 0xFFFFFFFF) + ends + _ANY
    with socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC, _PROTOCOL) as netlink:
        netlink.settimeout(_TIME)
        netlink.sendto(_HEADER.pack(_HEADER.size + len(asked), _BY_FAMILY, _REQUEST, 1, 0) + asked, (0, 0))
        answer = netlink.recv(4096)
    if _HEADER.unpack_from(answer)[1] == _ERROR:
        code = -struct.unpack_from("=i", answer, _HEADER.size)[0]
        if code == errno.ENOENT:
            return None
        raise OSError(code, os.strerror(code))
    if answer[_ENDS_AT : _ENDS_AT + len(ends)] != ends:
        return None  # whoever listens at the near end
    *_, user, inode = _SOCKET.unpack_from(answer, _SOCKET_AT)
    return user, inode
