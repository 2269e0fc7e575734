"""The hook's lines in LiteLLM's log: on stderr, whatever level LiteLLM itself logs at."""

import logging

log = logging.getLogger("modelctl")
if not log.handlers:
    _handler = logging.StreamHandler()
    _handler.setFormatter(logging.Formatter("%(asctime)s - modelctl:%(levelname)s: %(message)s", "%H:%M:%S"))
    log.addHandler(_handler)
    log.setLevel(logging.INFO)
    log.propagate = False
