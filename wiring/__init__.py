"""The wiring: with main.py the only place that sees swarm, registry, monitor and agents together.

commands    what the command line can be asked for
endings     how a command ends: exit codes, the one sentence of an error, the JSON object
sources     a folder or a place in a bucket: its name, its book.toml, its pictures
shelf       an output folder with its journal and blobs: what runs there were, are and may be resumed
plan        the agents, and the plan that they make for some settings
job, work   one book to make, and the making: ports, swarm, signals, publishing
online, vectors, uploading, tracing
            the services, each where the settings want it; outside: what is said before anything leaves
health, watching, logs, asking, checking
            how a swarm is, what a run logs, what can be tried before one
history     `runs`, `show` and `plan --why` in words
serving, orders, window, library, tally, spreads, documents, runlog
            `serve`: what the page shows, as plain data
"""

from pathlib import Path

VERSION = "0.1.0"
HERE = Path(__file__).resolve().parent.parent
