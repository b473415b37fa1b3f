"""A server with OpenAI's API that is not of our making: llmock from PyPI, on any free port of the loopback."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_COMMAND = (sys.executable, "-c", "from llmock.cli import app; app()", "serve", "--port", "0")


@contextmanager
def another_server() -> Iterator[str]:
    """The address of the server until the end of the block."""
    with subprocess.Popen(_COMMAND, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            lines = (re.search(r"running on (http://[\d.:]+)", line) for line in process.stderr)
            found = next((line for line in lines if line), None)
            assert found, "llmock did not start"
            yield found[1]
        finally:
            process.terminate()
