"""The arrange agent."""

import pytest

from agents.arrange import arrange
from tests.agents.hands import brief_of, hand


@pytest.mark.parametrize("count", [1, 2, 4, 5, 9, 12, 16])
async def test_arrange_orders_the_renderings_and_loses_none(count: int) -> None:
    brief = brief_of(count)

    arrangement = await hand(arrange, brief=brief)

    assert {picture.path for picture in arrangement.pictures} == {picture.path for picture in brief.renderings}
    assert len(arrangement.pictures) == count
