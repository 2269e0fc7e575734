"""The use cases of the control plane: publish, select, roll back, expire, and what is shown of it all."""

from modelctl.service.block_requests import BlockRequest
from modelctl.service.outcome import BlockOutcome, Outcome, WriteOutcome
from modelctl.service.selecting import SelectRequest
from modelctl.service.service import Service
from modelctl.service.snapshot import Snapshot

__all__ = ["BlockOutcome", "BlockRequest", "Outcome", "SelectRequest", "Service", "Snapshot", "WriteOutcome"]
