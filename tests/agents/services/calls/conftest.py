"""Calls are tested on a clock that skips all pauses."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from tests.swarm.clockwork import SkippingLoop


def pytest_asyncio_loop_factories(config: Any, item: Any) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    return {"skipping": SkippingLoop}
