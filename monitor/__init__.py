"""What happened: the monitor watches the swarm and never changes it. Knows nothing about books.

workflow   hands the swarm's events to those who count them (tally), follow them (progress), write them down (chronicle)
metrics    counters, gauges and histograms (catalogue says which there are)
exposition the metrics in the words of Prometheus (imports prometheus_client: import it when it is wanted)
view       how far the newest run is, as values (stage is what they are made of)
feed       the newest events, numbered, for whoever watches from outside
context    which run and which step a log line belongs to
logs       where log lines go, the only place that says so (lines makes them, text makes them safe, names is what they
           are called, logfile is where they are kept)
report     the figures for a run's report
health     checks, and the worst of them (checkup asks for them, services are judged by their calls)
alerts     what somebody should know now
endpoint   /livez, /readyz, /health and /metrics over HTTP (imports FastAPI: import it when it is wanted)
live       the picture in the terminal (imports rich: likewise)
errors     what the monitor raises, before anything runs
"""

from monitor.alerts import Alert, Limits
from monitor.checkup import Checkup, Named
from monitor.context import run_context, step_context
from monitor.errors import MonitorError
from monitor.feed import Feed, Told, Watcher
from monitor.health import Check, Health, Status, disk_check, memory_check
from monitor.logs import configured_logs
from monitor.report import figures
from monitor.text import Redactor
from monitor.view import Loss, RunView, StageView
from monitor.workflow import WorkflowMonitor

__all__ = [
    "Alert",
    "Check",
    "Checkup",
    "Feed",
    "Health",
    "Limits",
    "Loss",
    "MonitorError",
    "Named",
    "Redactor",
    "RunView",
    "StageView",
    "Status",
    "Told",
    "Watcher",
    "WorkflowMonitor",
    "configured_logs",
    "disk_check",
    "figures",
    "memory_check",
    "run_context",
    "step_context",
]
