import asyncio
import io
import re
import sys
from typing import TYPE_CHECKING

import pytest
from loguru import logger
from rich.console import Console
from rich.text import Text

from monitor.live import live_view
from monitor.logs import configured_logs
from monitor.workflow import WorkflowMonitor
from swarm.agent import StepId
from swarm.events import AgentRestarted, AgentWentDown, RunEnded, RunStarted, StepSent, StepsOpened
from tests.monitor.conftest import Told

if TYPE_CHECKING:
    from loguru import Record

HOSTILE = "[bold]x[/] \x1b[2J\n\u202egnp.exe"
LABELS = {"read": "reading [i]pictures", "bind": "binding"}


def terminal(width: int = 100) -> tuple[Console, io.StringIO]:
    stream = io.StringIO()
    return Console(file=stream, force_terminal=True, width=width, _environ={"TERM": "xterm"}), stream


def plain() -> tuple[Console, io.StringIO]:
    stream = io.StringIO()
    return Console(file=stream, width=40, _environ={}), stream


def last_picture(stream: io.StringIO) -> list[str]:
    """The lines of the newest drawing, without their colours."""
    newest = re.split(r"\x1b\[1A|\x1b\[2K", stream.getvalue())[-1]
    return [line.rstrip() for line in Text.from_ansi(newest).plain.splitlines() if line.strip()]


def tell_of_much(told: Told) -> None:
    told.monitor.observe(RunStarted("r1", ("read", "pair", "write", "bind")))
    told.monitor.observe(StepsOpened("r1", "read", 6))
    told.step("read", "a")
    for item in "bcdef":
        told.step("read", item + HOSTILE, "failed", HOSTILE)
    told.monitor.observe(StepsOpened("r1", "pair", 2))
    told.step("pair", "", "reused")
    told.monitor.observe(AgentRestarted("pair", 2, "boom", False, 0.1))
    told.monitor.observe(AgentWentDown("write", "crashed " + HOSTILE))


async def test_picture_shows_stages_losses_and_trouble(told: Told) -> None:
    tell_of_much(told)
    console, stream = terminal(140)

    async with live_view(told.monitor, labels=LABELS, console=console):
        await asyncio.sleep(0.01)

    picture = last_picture(stream)
    assert [re.sub(" +", " ", re.sub("[━╸╺]+", "=", line)).strip() for line in picture] == [
        "reading [i]pictures = 6 of 6 12.0 s 5 left out",
        "pair = 1 of 2 2.0 s 1 kept, 1 restarted",
        "write = stopped: crashed [bold]x[/] \\x1b[2J\\n\\u202egnp.exe",
        "binding =",
        *(
            f"left out: reading [i]pictures: {item}[bold]x[/] \\x1b[2J\\n\\u202egnp.exe:"
            " [bold]x[/] \\x1b[2J\\n\\u202egnp.exe"
            for item in "def"
        ),
        "and 2 more left out before",
        "running 0:14",
    ]


async def test_picture_fits_a_narrow_terminal(told: Told) -> None:
    tell_of_much(told)
    console, stream = terminal(60)

    async with live_view(told.monitor, labels=LABELS, console=console):
        await asyncio.sleep(0.01)

    picture = last_picture(stream)
    assert max(map(len, picture)) <= 60
    assert len(picture) == 9
    assert "6 of 6" in picture[0]


async def test_picture_leaves_the_terminal_as_it_was(told: Told) -> None:
    console, stream = terminal()

    async def broken_run() -> None:
        async with live_view(told.monitor, console=console):
            await asyncio.sleep(0.01)
            raise KeyError

    with pytest.raises(KeyError):
        await broken_run()

    hidden, shown = stream.getvalue().rfind("\x1b[?25l"), stream.getvalue().rfind("\x1b[?25h")
    assert 0 <= hidden < shown
    assert sys.stdout is not stream


async def test_picture_is_drawn_at_most_eight_times_a_second(told: Told) -> None:
    told.monitor.observe(RunStarted("r1", ("read",)))
    console, stream = terminal()

    async with live_view(told.monitor, console=console):
        for item in range(50):
            told.step("read", str(item))
            await asyncio.sleep(0.01)

    assert 2 <= stream.getvalue().count("running") <= 6


async def test_write_puts_a_line_above_the_picture(told: Told) -> None:
    told.monitor.observe(RunStarted("r1", ("read",)))
    console, stream = terminal(60)

    async with live_view(told.monitor, console=console) as view:
        await asyncio.sleep(0.01)
        view.write("[red]careful\x1b[2J " + "x" * 80)

    assert "[red]careful\\x1b[2J " + "x" * 80 in stream.getvalue().replace("\n", "")
    assert "read" in last_picture(stream)[0]


async def test_lines_tell_complete_stages_and_losses_once(told: Told) -> None:
    tell_of_much(told)
    console, stream = plain()

    async with live_view(told.monitor, labels=LABELS, console=console) as view:
        await asyncio.sleep(0.01)
        view.show(told.monitor)
        view.write("careful\n")
        told.monitor.observe(RunEnded("r1", "failed", 3.0))

    hostile = "[bold]x[/] \\x1b[2J\\n\\u202egnp.exe"
    assert stream.getvalue().splitlines() == [
        *(f"left out: reading [i]pictures: {item}{hostile}: {hostile}" for item in "bcdef"),
        "reading [i]pictures  6 of 6   12.0 s  5 left out",
        "careful\\n",
        "pair                 1 of 2    2.0 s  1 kept, 1 restarted",
    ]


async def test_lines_name_no_item_for_a_step_of_the_whole(told: Told) -> None:
    told.monitor.observe(RunStarted("r1", ("bind",)))
    told.step("bind", "", "failed", "no room")
    console, stream = plain()

    async with live_view(told.monitor, labels=LABELS, console=console):
        pass

    assert stream.getvalue() == "left out: binding: no room\n"


async def test_stderr_is_used_and_stdout_never(told: Told, capsys: pytest.CaptureFixture[str]) -> None:
    tell_of_much(told)

    async with live_view(told.monitor):
        pass

    said = capsys.readouterr()
    assert said.out == ""
    assert "read   6 of 6   12.0 s  5 left out" in said.err


async def test_quiet_shows_nothing(told: Told, capsys: pytest.CaptureFixture[str]) -> None:
    tell_of_much(told)

    async with live_view(told.monitor, is_quiet=True) as view:
        view.write("careful")

    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "")


class Gone(io.StringIO):
    """A terminal that goes away."""

    is_gone = False

    def write(self, text: str) -> int:
        if self.is_gone:
            raise BrokenPipeError(32, "Broken pipe")
        return super().write(text)

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("term", ["xterm", "dumb"])
async def test_the_run_goes_on_when_stderr_is_gone(
    told: Told, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], term: str
) -> None:
    tell_of_much(told)
    stream = Gone()
    monkeypatch.setenv("TERM", term)
    monkeypatch.setattr("sys.stderr", stream)
    async with live_view(told.monitor) as view:
        await asyncio.sleep(0.01)
        stream.is_gone = True
        view.write("unheard")
        view.show(told.monitor)
        went_on = True
    print("stdout is whole")  # noqa: T201

    assert went_on
    assert "stdout is whole" in capfd.readouterr().out


async def test_a_view_that_breaks_is_logged_once_and_given_up(
    told: Told, monkeypatch: pytest.MonkeyPatch, records: list["Record"]
) -> None:
    told.monitor.observe(RunStarted("r1", ("read",)))
    console, stream = terminal()

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    async with live_view(told.monitor, console=console) as view:
        await asyncio.sleep(0.01)
        monkeypatch.setattr("monitor.live._counts", broken)
        view.show(told.monitor)
        view.show(told.monitor)
        view.write("unheard")

    assert [r["message"] for r in records if r["level"].name == "WARNING"] == ["live_view_broke"]
    assert stream.getvalue().rfind("\x1b[?25h") > stream.getvalue().rfind("\x1b[?25l")


async def test_a_write_that_fails_ends_the_view(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    console, stream = plain()

    def broken(*_: object, **__: object) -> None:
        raise ValueError("I/O operation on closed file")

    async with live_view(told.monitor, console=console) as view:
        monkeypatch.setattr(console, "print", broken)
        view.write("unheard")
        monkeypatch.undo()
        view.write("unheard, too")

    assert stream.getvalue() == ""


async def test_warnings_of_the_log_appear_beside_the_picture(told: Told) -> None:
    told.monitor.observe(RunStarted("r1", ("read",)))
    console, stream = terminal()
    with configured_logs(form="human", stream=io.StringIO()) as human:
        async with live_view(told.monitor, console=console) as view:
            with human.lend(view.write):
                logger.bind(item="[b]a").warning("picture_skipped")
                told.step("read", "a", "failed", "torn")

    assert "warning picture_skipped  item=[b]a" in stream.getvalue()
    assert "step_failed" not in stream.getvalue()


async def test_a_stage_in_hand_is_shown_before_it_has_an_answer() -> None:
    monitor = WorkflowMonitor()
    monitor.observe(RunStarted("r1", ("read",)))
    monitor.observe(StepsOpened("r1", "read", 3))
    monitor.observe(StepSent("r1", StepId("read", "a"), 1, 0))
    console, stream = terminal()

    async with live_view(monitor, console=console):
        pass

    assert last_picture(stream)[0].endswith("0 of 3")
