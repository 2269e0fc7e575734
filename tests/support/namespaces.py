"""Hosts of a test's own on Linux: network namespaces on one bridge, each with an address, a loopback and a cable.

To be used inside a network namespace that is the test's own (`unshare --user --map-root-user --net`): nothing of the
machine's network is touched, and all of it goes with the last process.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from support.processes import Process

BRIDGE = "10.99.0.1"  # where the test itself is


class Host:
    """`address` is what the others see; `inside` is what a command line begins with that runs there."""

    def __init__(self, number: int, folder: Path) -> None:
        self.number, self.address = number, f"10.99.0.{10 + number}"
        self._cable = f"host{number}"
        named = ["unshare", "--net", "--uts", "sh", "-c", f"hostname {self._cable}; exec sleep infinity"]
        self._holder = Process("host", named, log=folder / f"host{number}.log")
        self._holder.wait_for(self._apart, "it has a name of its own", 5)
        self.inside = ("nsenter", "--target", str(self._holder.pid), "--net", "--uts", "--")
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
        run("ip", "link", "del", self._cable)
        self._holder.stop(grace=0)

    def _apart(self) -> bool:
        named = subprocess.run(
            ["nsenter", "--target", str(self._holder.pid), "--uts", "--", "hostname"], capture_output=True
        )
        return named.stdout.decode().strip() == self._cable


def bridge() -> None:
    run("ip", "link", "set", "lo", "up")
    run("ip", "link", "add", "bridge0", "type", "bridge")
    run("ip", "addr", "add", f"{BRIDGE}/24", "dev", "bridge0")
    run("ip", "link", "set", "bridge0", "up")


def run(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
