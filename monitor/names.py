"""What log lines are called: the constant names in their field `event`, and the names of the fields beside it.

Each line is one of these words and fields; no text from outside is ever part of the word.
"""

RUN_STARTED = "run_started"
STAGE_STARTED = "stage_started"
STAGE_FINISHED = "stage_finished"
RUN_FINISHED = "run_finished"
STEP_FINISHED = "step_finished"
STEP_FAILED = "step_failed"
STEP_RETRIED = "step_retried"
AGENT_FAILED = "agent_failed"
AGENT_RESTARTED = "agent_restarted"
AGENT_WENT_DOWN = "agent_went_down"
LOOP_TURNS_AGAIN = "loop_turns_again"
CALL_FINISHED = "call_finished"
CALL_RETRIED = "call_retried"
CIRCUIT_CHANGED = "circuit_changed"
ALERT_RAISED = "alert_raised"
ALERT_CLEARED = "alert_cleared"
MONITOR_FAILED = "monitor_failed"
LIBRARY_LOG = "library_log"
LIVE_VIEW_BROKE = "live_view_broke"
ENDPOINT_BROKE = "endpoint_broke"
HEALTH_UNKNOWN = "health_unknown"
PAGE_NOT_PAINTED = "page_not_painted"

EVENTS = frozenset(name for key, name in tuple(globals().items()) if key.isupper() and isinstance(name, str))
"""All of the monitor's own; other packages have a few of theirs."""
