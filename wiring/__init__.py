"""The wiring: with main.py the only place that sees swarm, registry, monitor and agents together.

commands what the command line can be asked for
endings  how a command ends: exit codes, the one sentence of an error, the JSON object
shelf    an output folder with its journal and blobs: what runs there were, are and may be resumed
job      one book to make: settings, source, where it goes
work     the job done: ports, swarm, signals, publishing
health   the endpoint during a run
history  `runs`, `show` and `plan --why` in words
"""

from pathlib import Path

VERSION = "0.1.0"
HERE = Path(__file__).resolve().parent.parent
