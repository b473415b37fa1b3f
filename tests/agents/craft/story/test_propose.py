"""Three proposals with honest figures; parts stay together, the hero leads, related drawings meet."""

from dataclasses import replace

import pytest

from agents.book.picture import Swatch
from agents.book.story import Scene
from agents.craft.story import propose
from agents.craft.story.order import Cast, arc, coherence, variety
from agents.craft.story.outline import stations
from agents.craft.story.shape import Station
from tests.agents.craft.story.books import BLUE, CAPTIONS, YELLOW, scene, scenes


@pytest.mark.parametrize("count", [1, 2, 3, 5, 12, 40])
def test_proposals_are_three_permutations_in_three_shapes(count: int) -> None:
    told = [scene(i, CAPTIONS[i % 10] if i % 2 else "") for i in range(count)]
    proposals = propose(told, age=5, seed=count, title="A book")

    assert len({proposal.outline.shape for proposal in proposals}) == 3
    for proposal in proposals:
        assert sorted(proposal.order) == list(range(count))
        assert len(proposal.outline.beats) == count
        for figure in (proposal.coherence, proposal.arc, proposal.variety):
            assert 0 <= figure <= 1
        parts = 0.4 * proposal.coherence + 0.3 * proposal.arc + 0.3 * proposal.variety
        assert proposal.score == pytest.approx(parts, abs=1e-4)
        assert all(0 <= beat.tension <= 1 and beat.summary for beat in proposal.outline.beats)


def test_orders_differ_when_there_is_something_to_order() -> None:
    proposals = propose(scenes(*CAPTIONS), age=5, seed=1, title="")

    assert len({proposal.order for proposal in proposals}) == 3


def test_each_aim_is_served_best_by_its_own_proposal() -> None:
    told = [scene(i, caption) for i, caption in enumerate(CAPTIONS)]
    first, second, third = propose(told, age=5, seed=2, title="")

    assert first.coherence >= max(second.coherence, third.coherence)
    assert second.arc >= max(first.arc, third.arc)
    assert third.variety >= max(first.variety, second.variety)


@pytest.mark.parametrize("seed", range(4))
def test_parts_of_a_drawing_stay_together_and_in_order(seed: int) -> None:
    told = [
        scene(0, "owl at night"),
        *(scene(1, "a boat", part=part, parts=3) for part in (1, 2, 3)),
        scene(2),
        scene(3),
    ]
    for proposal in propose(told, age=5, seed=seed, title=""):
        place = proposal.order.index(1)
        assert proposal.order[place : place + 3] == (1, 2, 3)


def test_hero_opens_every_proposal() -> None:
    for proposal in propose(scenes(*CAPTIONS[1:], CAPTIONS[0]), age=5, seed=1, title=""):
        assert proposal.order[0] == 9
        assert proposal.outline.hero.name == "Pip"


def test_coherence_is_higher_when_related_drawings_meet() -> None:
    told = tuple(scenes("a boat", "an owl", "a red boat", "an owl at night"))
    cast = Cast(told, propose(told, age=5, seed=0, title="")[0].outline.hero)

    assert coherence(cast, (0, 2, 1, 3)) > coherence(cast, (0, 1, 2, 3))


def test_variety_is_the_distance_of_neighbouring_colours() -> None:
    bright = (_painted(0, "light"), _painted(1, "dark"), _painted(2, "light"), _painted(3, "dark"))
    cast = Cast(bright, propose(bright, age=5, seed=0, title="")[0].outline.hero)

    assert variety(cast, (0, 1, 2, 3)) == 1.0
    assert variety(cast, (0, 2, 1, 3)) == pytest.approx(1 / 3)
    assert variety(cast, (0,)) == 0.0


def test_variety_tells_layouts_of_one_palette_apart() -> None:
    layouts = ((1.0, 0.0), (0.0, 1.0), (1.0, 0.1))
    alike = tuple(replace(_painted(index, "light"), layout=layout) for index, layout in enumerate(layouts))
    cast = Cast(alike, propose(alike, age=5, seed=0, title="")[0].outline.hero)

    assert variety(cast, (0, 1, 2)) > variety(cast, (0, 2, 1)) > 0


def test_arc_is_full_when_the_strongest_picture_stands_where_it_is_tensest() -> None:
    told = (_painted(0, "light"), _painted(1, "dark"))
    cast = Cast(told, propose(told, age=5, seed=0, title="")[0].outline.hero)

    assert arc(cast, (0, 1), (0.1, 0.9)) == 1.0
    assert arc(cast, (1, 0), (0.1, 0.9)) == 0.0


def test_no_scene_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one drawing"):
        propose([], age=5, seed=0, title="")


@pytest.mark.parametrize("count", [*range(1, 20), 40, 300])
def test_stations_run_from_opening_to_ending(count: int) -> None:
    plan = stations(count)

    assert len(plan) == count
    assert plan[0] is (Station.WHOLE if count == 1 else Station.OPENING)
    assert plan[-1] in {Station.WHOLE, Station.FINALE, Station.ENDING}
    assert (Station.TROUBLE in plan) == (count > 2)
    assert plan.count(Station.TURN) == (count > 4)


def test_three_hundred_drawings_are_ordered_in_bounded_time() -> None:
    told = [scene(i, CAPTIONS[i % 10]) for i in range(300)]

    assert all(len(proposal.order) == 300 for proposal in propose(told, age=5, seed=0, title=""))


def _painted(index: int, tone: str) -> Scene:
    paint = YELLOW if tone == "light" else BLUE
    drawn = scene(index)
    return Scene(drawn.input, "", (), paint, (Swatch(paint, 1.0),))
