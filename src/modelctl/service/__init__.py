"""The use cases of the control plane: publish, select, roll back, expire, and what is shown of it all."""

from modelctl.service.changed import Changed
from modelctl.service.choose import Ask
from modelctl.service.publish import Outcome
from modelctl.service.service import Service
from modelctl.service.snapshot import Snapshot

__all__ = ["Ask", "Changed", "Outcome", "Service", "Snapshot"]
