"""`python -m modelctl.configfile PATH`: the child of a worker, whose event loop must never parse YAML.

A large file takes half a second and more. See `modelctl.handover` for what it prints.
"""

from __future__ import annotations

import sys
from pathlib import Path

from modelctl.configfile.read import ConfigFile, read_config
from modelctl.handover import Handover, encode, pack

CPU_LIMIT = 60  # seconds: should the worker that asked be gone, nobody else ends us


def handover(read: ConfigFile) -> Handover:
    facts = (tuple(read.problems), read.files, read.content, read.whole)
    if read.config is None:
        return Handover(*facts)
    settings = {key: value for key, value in read.config.items() if key != "model_list"}
    return Handover(*facts, settings, tuple(read.digests), tuple(encode(entry) for entry in read.entries))


def main(path: str) -> None:
    try:
        import resource
    except ImportError:  # not on Windows
        pass
    else:
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_LIMIT, CPU_LIMIT))
    sys.stdout.buffer.write(pack(handover(read_config(Path(path)))))
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main(sys.argv[1])
