import io
import json
import logging
from pathlib import Path

import pytest
from loguru import logger

from monitor.context import step_context
from monitor.logs import configured_logs
from monitor.text import Redactor
from monitor.workflow import WorkflowMonitor
from swarm.agent import StepId
from swarm.events import StepEnded
from tests.swarm.orders import an_order


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


class Broken(io.StringIO):
    """A stream whose reader has gone."""

    def write(self, text: str) -> int:
        raise BrokenPipeError(32, "Broken pipe")


def lines(file: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_lines_for_people_go_to_stderr_from_the_level_up(capsys: pytest.CaptureFixture[str]) -> None:
    with configured_logs(level="WARNING", form="human"):
        logger.info("not this")
        logger.bind(item="a b").warning("but this")

    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.endswith('warning but this  item="a b"\n')
    assert told.err.count("\n") == 1


def test_quiet_leaves_out_the_lines_for_people_only(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with configured_logs(is_quiet=True, file=tmp_path / "log"):
        logger.error("said")

    assert capsys.readouterr().err == ""
    assert lines(tmp_path / "log")[0]["event"] == "said"


@pytest.mark.parametrize(
    ("stream", "no_color", "is_coloured"),
    [(Terminal(), "", True), (Terminal(), "1", False), (io.StringIO(), "", False)],
)
def test_lines_are_coloured_on_a_terminal_only(
    stream: io.StringIO, no_color: str, is_coloured: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", no_color)
    monkeypatch.setenv("TERM", "xterm")
    with configured_logs(form="human", stream=stream):
        logger.warning("bad")

    assert ("\x1b[" in stream.getvalue()) is is_coloured


def test_the_file_is_appended_to_and_has_its_own_level(tmp_path: Path) -> None:
    file = tmp_path / "run.log.jsonl"
    for level in ("INFO", "DEBUG"):
        with configured_logs(level="ERROR", is_quiet=True, file=file, file_level=level):
            logger.debug("small")
            logger.info("large")

    assert [line["event"] for line in lines(file)] == ["large", "small", "large"]


def test_the_sinks_are_gone_after_the_block(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with configured_logs(file=tmp_path / "log"):
        pass
    logger.error("after")
    logging.getLogger("library").error("after")

    assert lines(tmp_path / "log") == []
    assert "error after" not in capsys.readouterr().err


def test_the_block_ends_well_when_somebody_else_removed_all_sinks() -> None:
    with configured_logs(form="human", stream=io.StringIO()):
        logger.remove()


def test_lines_of_a_step_carry_its_fields(tmp_path: Path) -> None:
    order = an_order(StepId("read", "a.png"), run="r1")
    with configured_logs(is_quiet=True, file=tmp_path / "log"):
        with step_context(order, 2):
            logger.info("inside")
        logger.info("outside")

    inside, outside = lines(tmp_path / "log")
    assert (inside["run"], inside["item"], inside["incarnation"]) == ("r1", "a.png", 2)
    assert "run" not in outside


def test_secrets_are_masked_in_both(tmp_path: Path) -> None:
    stream, file = io.StringIO(), tmp_path / "log"
    with configured_logs(form="human", stream=stream, file=file, redact=Redactor(["hunter22"])):
        logger.bind(key="sk-abcdefghijklmnop").warning("with hunter22")
        logging.getLogger("library").warning("Authorization: Bearer abcdefghijklmnop")
        logger.opt(exception=ValueError("hunter22")).error("crashed")

    for text in (stream.getvalue(), file.read_text()):
        assert text.count("[redacted]") >= 4
        assert not any(secret in text for secret in ("hunter22", "sk-abc", "Bearer abc"))


def test_library_logs_come_as_fields_from_warning_up() -> None:
    stream = io.StringIO()
    with configured_logs(form="human", stream=stream, level="DEBUG"):
        library = logging.getLogger("some.library")
        library.info("chatter")
        library.warning("%s {broken} <red>", "a\nb")
        library.error("odd", exc_info=True)
        library.error("bad", exc_info=ValueError("why"))
        library.log(55, "worst")

    told = stream.getvalue().splitlines()
    assert [line[9:] for line in told] == [
        'warning library_log  library=some.library text="a\\nb {broken} <red>"',
        "error library_log  library=some.library text=odd",
        'error library_log  library=some.library text=bad error="ValueError: why"',
        "critical library_log  library=some.library text=worst",
    ]


def test_a_library_line_that_cannot_be_made_is_told_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    root, stream = logging.getLogger(), io.StringIO()
    monkeypatch.setattr(root, "handlers", [])  # pytest's own would raise
    with configured_logs(form="human", stream=stream):
        logging.getLogger("some.library").warning("%d", "no number")

    assert stream.getvalue().endswith("library=some.library text=%d\n")


def test_a_lent_sink_gives_warnings_to_the_view_but_not_what_it_shows_itself() -> None:
    stream = io.StringIO()
    written: list[str] = []
    with configured_logs(form="human", stream=stream, level="DEBUG") as human:
        with human.lend(written.append):
            logger.info("calm")
            logger.warning("loud")
            WorkflowMonitor().observe(StepEnded("r", StepId("read"), "failed", 1.0, 0, "torn"))
        logger.debug("after")

    assert [line[9:] for line in written] == ["warning loud"]
    assert [line[9:] for line in stream.getvalue().splitlines()] == ["debug after"]


def test_a_lent_sink_says_no_more_than_its_level() -> None:
    written: list[str] = []
    with configured_logs(form="human", stream=io.StringIO(), level="ERROR") as human, human.lend(written.append):
        logger.warning("loud")

    assert written == []


def test_a_lent_sink_writes_no_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    written: list[str] = []
    with configured_logs(form="human", stream=Terminal()) as human, human.lend(written.append):
        logger.warning("loud")

    assert "\x1b" not in written[0]


def test_a_stream_that_is_gone_is_let_go_of(capsys: pytest.CaptureFixture[str]) -> None:
    closed = io.StringIO()
    closed.close()
    for stream in (Broken(), closed):
        with configured_logs(form="human", stream=stream):
            logger.warning("unheard")

    assert capsys.readouterr().err == ""


def test_text_that_the_stream_cannot_write_is_replaced() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    with configured_logs(form="human", stream=stream):
        logger.bind(item="Bär").warning("bad")

    assert raw.getvalue().endswith(b"item=B?r\n")


def test_a_file_that_cannot_be_opened_is_said_once_and_given_up(tmp_path: Path) -> None:
    stream = io.StringIO()
    with configured_logs(form="human", stream=stream, file=tmp_path / "missing" / "log"):
        logger.warning("still told")

    first, second = stream.getvalue().splitlines()
    assert first == "the log file cannot be written (No such file or directory); going on without it"
    assert second.endswith("still told")


def test_a_file_that_cannot_be_written_is_said_once_and_given_up(
    capsys: pytest.CaptureFixture[str],
) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("only some systems have a device that is always full")
    for is_quiet in (False, True):
        with configured_logs(file=full, is_quiet=is_quiet):
            logger.warning("one")
            logger.warning("two")

    told = capsys.readouterr().err
    assert told.count("No space left on device") == 1
    assert (told.count("one"), told.count("two"), told.count("\n")) == (1, 1, 3)
