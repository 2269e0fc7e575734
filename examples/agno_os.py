"""AgentOS with modelctl's API on its own origin. It needs `modelctl up` in another terminal.

    python examples/agno_os.py            # http://localhost:7778

Agents answer under /agents as always; /models/list, /models/current and /models/select are there too, so a front end
that knows only this address can show and switch the model.
"""

from __future__ import annotations

import os

import uvicorn
from agno.agent import Agent
from agno.os import AgentOS

from modelctl.integrations.agno import active_model, mount

agent = Agent(id="assistant", name="Assistant", model=active_model(), telemetry=False)
app = mount(AgentOS(agents=[agent], telemetry=False).get_app())

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ.get("PORT", "7778")))
