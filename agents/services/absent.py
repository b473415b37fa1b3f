"""Ports with nobody behind them: nothing is moderated, nothing is described. They cost nothing and never fail."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from agents.services.ports import Sight


class Unmoderated:
    """Lets everything through."""

    identity = "none/1"

    async def check_texts(self, texts: Sequence[str]) -> list[tuple[str, ...]]:
        """No category for any."""
        return [() for _ in texts]

    async def check_picture(self, jpeg: bytes) -> tuple[str, ...]:
        """No category."""
        return ()


class Undescribed:
    """Sees nothing in a picture."""

    identity = "none/1"

    async def look(self, pixels: NDArray[np.uint8], *, is_mirrored_too: bool = False) -> Sight:
        """An empty vector and no words."""
        return Sight(np.zeros(0, dtype=np.float32))
