"""Hosts of a test's own on Linux: network namespaces on one bridge, each with an address, a loopback and a cable.

To be used inside a network namespace that is the test's own (`unshare --user --map-root-user --net`): nothing of the
machine's network is touched, and all of it goes with the last process.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from support.processes import Process
from support.waiting import wait_until

BRIDGE = "10.99.0.1"  # where the test itself is


class Host:
    """`address` is what the others see; `inside` is what a command line begins with that runs there."""

    def __init__(self, number: int, folder: Path) -> None:
        self.number, self.address = number, f"10.99.0.{10 + number}"
        self._cable = f"host{number}"
        self._holder = Process("host", ["unshare", "--net", "sleep", "infinity"], log=folder / f"host{number}.log")
        self._holder.wait_for(self._apart, "it has a namespace", 5)
        self.inside = ("nsenter", "--target", str(self._holder.pid), "--net", "--")
        run("ip", "link", "add", self._cable, "type", "veth", "peer", "name", "eth0", "netns", str(self._holder.pid))
        run("ip", "link", "set", self._cable, "master", "bridge0", "up")
        for words in (f"addr add {self.address}/24 dev eth0", "link set eth0 up", "link set lo up"):
            run(*self.inside, "ip", *words.split())

    def cut(self) -> None:
        """The cable is pulled: what is sent is lost, and no connection is told."""
        run("ip", "link", "set", self._cable, "down")

    def heal(self) -> None:
        run("ip", "link", "set", self._cable, "up")

    def stop(self) -> None:
        self._holder.stop(grace=0)
        wait_until(lambda: self._cable not in run("ip", "-brief", "link"), "its cable is gone")

    def _apart(self) -> bool:
        found = (Path(f"/proc/{pid}/ns/net").readlink() for pid in ("self", self._holder.pid))
        return len(set(found)) == 2


def bridge() -> None:
    run("ip", "link", "set", "lo", "up")
    run("ip", "link", "add", "bridge0", "type", "bridge")
    run("ip", "addr", "add", f"{BRIDGE}/24", "dev", "bridge0")
    run("ip", "link", "set", "bridge0", "up")


def run(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
