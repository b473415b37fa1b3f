"""Viewers: what each is sent, and that none is waited for."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from monitor.page.hub import Hub, Scene, TooManyViewers, Viewer

if TYPE_CHECKING:
    from loguru import Record

PACE_S = 0.01


@dataclass
class Stage:
    """Gives scenes, and counts how often it was asked."""

    scene: Scene | None = field(default_factory=lambda: a_scene("start"))
    paints: int = 0
    fault: Exception | None = None

    async def paint(self, _topic: str) -> Scene | None:
        self.paints += 1
        await asyncio.sleep(0)
        if self.fault:
            raise self.fault
        return self.scene


def a_scene(text: str, *marks: int, other: str = "same") -> Scene:
    return Scene({"text": text, "other": other}, tuple((mark, f"<li>{mark}</li>") for mark in marks))


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.fixture
def hub(stage: Stage) -> Iterator[Hub]:
    hub = Hub(stage.paint, pace_s=PACE_S)
    yield hub
    hub.close()


def told(message: bytes | None) -> tuple[int, dict[str, Any]]:
    assert message is not None
    number, data, *rest = message.decode().split("\n")
    assert rest == ["", ""]
    told: dict[str, Any] = json.loads(data.removeprefix("data: "))
    return int(number.removeprefix("id: ")), told


async def taken(viewer: Viewer) -> tuple[int, dict[str, Any]]:
    return told(await viewer.take(5))


async def test_one_who_comes_is_sent_the_whole_scene_and_then_what_changes(hub: Hub, stage: Stage) -> None:
    stage.scene = a_scene("one", 1, 2)
    with hub.watch("x", 0, "") as viewer:
        first = await taken(viewer)
        stage.scene = a_scene("two", 1, 2, 3)
        second = await taken(viewer)

    assert first == (
        2,
        {"parts": {"text": "one", "other": "same"}, "marks": ["<li>1</li>", "<li>2</li>"], "over": False},
    )
    assert second == (3, {"parts": {"text": "two"}, "marks": ["<li>3</li>"], "over": False})


async def test_one_who_comes_back_is_sent_what_came_meanwhile(hub: Hub, stage: Stage) -> None:
    stage.scene = a_scene("one", 1, 2, 3, 4)
    with hub.watch("x", 2, "") as viewer:
        number, message = await taken(viewer)

    assert (number, message["marks"]) == (4, ["<li>3</li>", "<li>4</li>"])


async def test_one_who_has_just_loaded_the_page_is_sent_nothing_twice(hub: Hub, stage: Stage) -> None:
    stage.scene = scene = a_scene("one", 1)
    with hub.watch("x", 1, scene.digest) as viewer:
        assert await viewer.take(PACE_S * 5) is None
        stage.scene = a_scene("one", 1, 2)
        assert (await taken(viewer))[1] == {"parts": {}, "marks": ["<li>2</li>"], "over": False}


async def test_nothing_is_painted_while_nobody_looks(hub: Hub, stage: Stage) -> None:
    with hub.watch("x", 0, "") as viewer:
        await taken(viewer)
        stage.scene = a_scene("two")
        await taken(viewer)
    await asyncio.sleep(PACE_S * 3)
    paints = stage.paints
    await asyncio.sleep(PACE_S * 10)

    assert stage.paints == paints
    assert hub.viewers == 0


async def test_a_hundred_viewers_are_painted_for_as_often_as_one(stage: Stage) -> None:
    now = [0.0]
    hub = Hub(stage.paint, pace_s=PACE_S, clock=lambda: now[0])
    viewers = [hub.watch("x", 0, "") for _ in range(100)]
    for viewer in viewers:
        viewer.__enter__()
    await asyncio.gather(*(taken(viewer) for viewer in viewers))
    assert stage.paints == 1

    stage.scene = a_scene("two")
    now[0] += 1
    messages = await asyncio.gather(*(viewer.take(5) for viewer in viewers))
    hub.close()

    assert stage.paints == 2
    assert len({id(message) for message in messages}) == 1  # the same bytes for all


async def test_a_slow_viewer_loses_what_waits_is_counted_and_gets_the_whole_scene(hub: Hub, stage: Stage) -> None:
    with hub.watch("x", 0, "") as slow, hub.watch("x", 0, "") as quick:
        await taken(slow)
        await taken(quick)
        for number in range(1, 13):
            stage.scene = a_scene(f"at {number}", *range(1, number + 1))
            await taken(quick)
        number, message = await taken(slow)
        lost = hub.dropped

    assert lost >= 5
    assert (number, message["parts"]["text"], message["parts"]["other"]) == (12, "at 12", "same")
    assert len(message["marks"]) == 12


async def test_a_viewer_is_told_each_mark_once_however_often_the_scene_changes(hub: Hub, stage: Stage) -> None:
    seen: list[str] = []
    with hub.watch("x", 0, "") as viewer:
        for number in range(1, 30):
            stage.scene = a_scene(f"at {number}", *range(1, number + 1))
            if number % 3 == 0 and (message := await viewer.take(5)):
                seen += told(message)[1]["marks"]
        while len(seen) < 29:
            seen += (await taken(viewer))[1]["marks"]

    assert seen == [f"<li>{number}</li>" for number in range(1, 30)]


async def test_one_more_than_may_watch_is_refused(stage: Stage) -> None:
    hub = Hub(stage.paint, most_viewers=2)
    with hub.watch("x", 0, ""), hub.watch("y", 0, ""), pytest.raises(TooManyViewers):
        hub.watch("x", 0, "")
    hub.close()
    with pytest.raises(TooManyViewers):
        hub.watch("x", 0, "")


async def test_all_are_let_go_at_the_end(hub: Hub) -> None:
    with hub.watch("x", 0, "") as viewer:
        await taken(viewer)
        waiting = asyncio.create_task(viewer.take(60))
        await asyncio.sleep(0)
        hub.close()
        with pytest.raises(EOFError):
            await waiting


async def test_what_is_gone_ends_the_stream(hub: Hub, stage: Stage) -> None:
    stage.scene = None
    with hub.watch("x", 0, "") as viewer, pytest.raises(EOFError):
        await viewer.take(5)


async def test_a_scene_that_cannot_be_painted_is_logged_and_painted_later(
    hub: Hub, stage: Stage, records: list["Record"]
) -> None:
    with hub.watch("x", 0, "") as viewer:
        await taken(viewer)
        stage.fault = OSError("gone")
        assert await viewer.take(PACE_S * 5) is None
        stage.fault, stage.scene = None, a_scene("two")
        assert (await taken(viewer))[1]["parts"] == {"text": "two"}

    assert {record["message"] for record in records} == {"page_not_painted"}


async def test_old_topics_are_forgotten(hub: Hub) -> None:
    for number in range(200):
        await hub.scene(f"run/{number}")

    assert len(hub._topics) <= 65
