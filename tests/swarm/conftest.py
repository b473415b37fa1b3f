"""Every asynchronous test of the kernel runs on a clock that skips all pauses, but for those with threads."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from tests.swarm.clockwork import SkippingLoop


def pytest_asyncio_loop_factories(config: Any, item: Any) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    return {"real": asyncio.SelectorEventLoop} if "thread" in item.name else {"skipping": SkippingLoop}
