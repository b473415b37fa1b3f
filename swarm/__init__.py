"""The kernel: agents declare themselves, a plan is built of them, a coordinator runs it. Knows nothing about books.

agent        what an agent declares, is given and may give
plan         the declarations as a checked graph
scheduler    the decision: which steps to send next (pure)
coordinator  the asyncio shell round it, one for each run; lanes hold the steps until they start
request      what a coordinator is asked, how it is stopped, what it answers
messages     orders and replies between coordinator and crew
journal      the record of finished steps, by keys (keys) of sealed values (codec)
ledger       the record of what costs money, request by request
events       what can be observed
errors       one tree
"""

from swarm.agent import ROOT_SCOPE, AgentSpec, Gathered, Kind, Provisional, Restart, Rework, Step, StepId, agent
from swarm.blobs import Blob
from swarm.coordinator import Coordinator
from swarm.errors import DeclarationError, PlanError, StepError, SwarmError
from swarm.journal import Journal, MemoryJournal
from swarm.plan import Plan
from swarm.request import Brake, RunRequest, RunResult

__all__ = [
    "ROOT_SCOPE",
    "AgentSpec",
    "Blob",
    "Brake",
    "Coordinator",
    "DeclarationError",
    "Gathered",
    "Journal",
    "Kind",
    "MemoryJournal",
    "Plan",
    "PlanError",
    "Provisional",
    "Restart",
    "Rework",
    "RunRequest",
    "RunResult",
    "Step",
    "StepError",
    "StepId",
    "SwarmError",
    "agent",
]
