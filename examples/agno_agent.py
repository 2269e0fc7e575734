"""An Agno agent that follows the route `active`. It needs `modelctl up` in another terminal, and no key of a provider.

    python examples/agno_agent.py

Then `modelctl use MODEL` elsewhere, and say something again: the same agent, in the same session, is answered by MODEL.
"""

from __future__ import annotations

import sys

from agno.agent import Agent
from agno.run.base import RunStatus

from modelctl.integrations.agno import active_model


def main() -> int:
    agent = Agent(model=active_model(), telemetry=False)
    if sys.stdin.isatty():
        print("say something (Ctrl-D ends):", flush=True)
    for line in sys.stdin:
        answer = agent.run(line.strip(), session_id="example")
        # Agno does not raise when the model fails: the status says so, and the content is the error's text.
        print(answer.content, flush=True)
        if answer.status == RunStatus.error:
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
