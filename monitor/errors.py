"""The errors of the monitor."""


class MonitorError(Exception):
    """The monitor cannot do what was asked of it; the run itself is not touched. The message is for people."""
