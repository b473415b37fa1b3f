"""Vision without a model: features made by hand from edges and gradients."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agents.craft.likeness import feature_vector, mirrored
from agents.services.ports import Sight
from swarm.agent import RunsBlocking


@dataclass(frozen=True, slots=True)
class HandmadeVision:
    """The vision port over `craft.likeness`; it describes nothing in words."""

    run_blocking: RunsBlocking

    @property
    def identity(self) -> str:
        return "offline/2"

    async def look(self, pixels: NDArray[np.uint8], *, is_mirrored_too: bool = False) -> Sight:
        """The features of an upright sRGB picture of shape (height, width, 3)."""
        return await self.run_blocking(_see, pixels, is_mirrored_too)


def _see(pixels: NDArray[np.uint8], is_mirrored_too: bool) -> Sight:
    features = feature_vector(pixels)
    return Sight(features, mirrored(features) if is_mirrored_too else None)
