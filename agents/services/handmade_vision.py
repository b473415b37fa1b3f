"""Vision without a model: features made by hand from edges and gradients."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agents.craft.likeness import feature_vector
from agents.services.ports import Sight
from swarm.agent import RunsBlocking


@dataclass(frozen=True, slots=True)
class HandmadeVision:
    """The vision port over `craft.likeness`; it describes nothing in words."""

    run_blocking: RunsBlocking

    @property
    def identity(self) -> str:
        return "offline/1"

    async def look(self, pixels: NDArray[np.uint8]) -> Sight:
        """The features of an upright sRGB picture of shape (height, width, 3)."""
        return await self.run_blocking(_see, pixels)


def _see(pixels: NDArray[np.uint8]) -> Sight:
    return Sight(feature_vector(pixels), feature_vector(pixels[:, ::-1]))
