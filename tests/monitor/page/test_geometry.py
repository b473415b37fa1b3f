import itertools
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.metrics import BOUNDS_S, Distribution
from monitor.page.geometry import (
    LANE_W,
    NODE_H,
    NODE_W,
    duration,
    histogram,
    plan_picture,
    sparkline,
    timeline,
)
from monitor.page.views import StageCard
from tests.monitor.page.windows import a_mark

plans = st.lists(st.sets(st.integers(0, 11), max_size=4), max_size=12).map(
    lambda rows: [
        StageCard(f"r{at}", "", tuple(f"r{need}" for need in needs if need < at)) for at, needs in enumerate(rows)
    ]
)


@settings(max_examples=40)
@given(plans)
def test_a_stage_stands_right_of_all_that_it_waits_for_and_on_no_other(stages: list[StageCard]) -> None:
    picture = plan_picture(stages)
    nodes = {node.stage.role: node for node in picture.nodes}

    assert list(nodes) and set(nodes) == {stage.role for stage in stages} if stages else not nodes
    for stage in stages:
        assert all(nodes[need].x < nodes[stage.role].x for need in stage.needs)
    for one, other in itertools.combinations(picture.nodes, 2):
        assert abs(one.x - other.x) >= NODE_W or abs(one.y - other.y) >= NODE_H
    for node in picture.nodes:
        assert 0 <= node.x <= picture.width - NODE_W
        assert 0 <= node.y <= picture.height - NODE_H


@settings(max_examples=40)
@given(plans)
def test_edges_that_a_longer_way_stands_for_are_left_out_and_no_others(stages: list[StageCard]) -> None:
    def reached(edges: set[tuple[str, str]], role: str) -> set[str]:
        found: set[str] = set()
        todo = [role]
        while todo:
            here = todo.pop()
            before = {source for source, target in edges if target == here} - found
            found |= before
            todo += before
        return found

    picture = plan_picture(stages)
    places = {(node.x + NODE_W, node.y + NODE_H // 2): node.stage.role for node in picture.nodes}
    ends = {(node.x, node.y + NODE_H // 2): node.stage.role for node in picture.nodes}
    drawn = set()
    for edge in picture.edges:
        x1, y1, *_, x2, y2 = map(int, re.findall(r"-?\d+", edge))
        drawn.add((places[x1, y1], ends[x2, y2]))
    every = {(need, stage.role) for stage in stages for need in stage.needs}

    assert drawn <= every
    for stage in stages:
        assert reached(drawn, stage.role) == reached(every, stage.role)


def test_a_circle_and_an_unknown_need_are_drawn_as_far_as_they_go() -> None:
    picture = plan_picture([StageCard("a", "", ("b", "nobody")), StageCard("b", "", ("a",))])

    assert {node.stage.role for node in picture.nodes} == {"a", "b"}


def test_no_stage_is_no_drawing() -> None:
    assert plan_picture([]).nodes == ()


def test_lanes_show_when_steps_ended_and_which_failed() -> None:
    stage = StageCard("read", "", (), first_at=1_001.0, last_at=1_009.0)
    marks = [a_mark(1), a_mark(5, outcome="failed"), a_mark(9, outcome="rework"), a_mark(3, role="unknown")]

    lines = timeline([stage, StageCard("write", "", ())], marks, 1_000.0, 1_010.0)

    read, write = lines.lanes
    assert read.seconds == 8.0
    assert set(read.ticks) == {"good", "bad", "again"}
    assert read.span == (64.0, 516.0)
    assert read.busy == ""
    assert (write.span, write.ticks) == (None, {})
    assert lines.axis[0] == (0.0, "0 s")
    assert all(0 <= place <= LANE_W for place, _ in lines.axis)
    assert 3 <= len(lines.axis) <= 8


def test_lanes_show_how_many_steps_were_in_hand_where_that_was_measured() -> None:
    marks = [a_mark(5, duration_s=5.0), a_mark(10, duration_s=5.0), a_mark(10, duration_s=10.0)]

    (lane,) = timeline([StageCard("read", "", ())], marks, 1_000.0, 1_010.0).lanes

    heights = [17 - float(y) for y in re.findall(r"V([\d.]+)", lane.busy)]
    assert max(heights) == 16
    assert heights[0] == pytest.approx(16 * 2 / 3, abs=0.1)  # two steps in hand where three are the most


@given(st.lists(st.floats(0, 1e9), max_size=50), st.floats(0, 1e9), st.floats(0, 1e9))
def test_whatever_the_clock_said_the_lane_holds_it(times: list[float], began: float, until: float) -> None:
    marks = [a_mark(at, at=time, duration_s=time) for at, time in enumerate(times)]

    lines = timeline([StageCard("read", "", ())], marks, began, until)

    for lane in lines.lanes:
        numbers = [float(x) for path in lane.ticks.values() for x in re.findall(r"M([\d.]+) ", path)]
        assert all(0 <= x <= LANE_W for x in numbers)
        assert len(numbers) <= 160
        if lane.span:
            assert 0 <= lane.span[0] <= lane.span[0] + lane.span[1] <= LANE_W + 1e-6


SPOKEN = {
    0: "0 s",
    0.44: "0.4 s",
    9.99: "10 s",
    59: "59 s",
    60: "1 min",
    185: "3 min 5 s",
    3_600: "1 h",
    7_800: "2 h 10 min",
}


@pytest.mark.parametrize(("seconds", "words"), SPOKEN.items())
def test_durations_are_told_to_people(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_a_line_through_values_touches_the_top_with_the_highest() -> None:
    assert sparkline([0, 5, 10]) == "0.0,46.0 120.0,24.0 240.0,2.0"
    assert sparkline([]) == ""
    assert sparkline([0.0]) == "0.0,46.0"


def test_a_histogram_shows_the_buckets_that_hold_anything_and_those_between() -> None:
    spread = Distribution()
    spread.buckets[3] = 4
    spread.buckets[6] = 2
    spread.buckets[len(BOUNDS_S)] = 1

    bars = histogram(spread)

    assert len(bars) == len(BOUNDS_S) - 3 + 1
    assert (bars[0].height, bars[1].height, bars[3].height) == (46.0, 0.0, 23.0)
    assert (bars[0].told, bars[-1].told) == ("4 up to 1 ms", "1 longer than 5 min")
    assert histogram(Distribution()) == ()
