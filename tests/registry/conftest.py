"""Every asynchronous test of the registry runs on a clock that skips all pauses, but for those with threads."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from tests.swarm.clockwork import SkippingLoop

_REAL = {"test_threads", "test_watchdog"}


def pytest_asyncio_loop_factories(config: Any, item: Any) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    is_real = item.path.stem in _REAL
    return {"real": asyncio.SelectorEventLoop} if is_real else {"skipping": SkippingLoop}
