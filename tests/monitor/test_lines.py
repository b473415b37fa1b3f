import json
from typing import TYPE_CHECKING, Any

import pytest
from loguru import logger

from monitor.lines import human_line, json_line
from monitor.text import Redactor, redacted

if TYPE_CHECKING:
    from loguru import Record


class Awkward:
    """A value whose own text cannot be had."""

    def __str__(self) -> str:
        raise RuntimeError("no text")


class AwkwardError(Exception):
    """An exception likewise."""

    def __str__(self) -> str:
        raise RuntimeError("no text")


def human(record: "Record", *, is_coloured: bool = False) -> str:
    return human_line(record, redacted, is_coloured=is_coloured)


def machine(record: "Record") -> dict[str, Any]:  # what a line holds is what is tested
    line = json_line(record, redacted)
    assert line.isascii()
    assert line.decode().isprintable()
    parsed = json.loads(line)
    assert isinstance(parsed, dict)
    return parsed


def test_human_line_is_time_level_message_and_fields(records: list["Record"]) -> None:
    logger.bind(role="read", n=3, reason="no room").warning("step_failed")

    line = human(records[0])

    assert line[2] == line[5] == ":"
    assert line[8:] == ' warning step_failed  role=read n=3 reason="no room"'


def test_human_line_keeps_hostile_text_in_one_line_and_in_its_field(records: list["Record"]) -> None:
    logger.bind(item="x\n12:00:00 info all_well\x1b[2J\u202e", role='a" level="info').warning("bad")

    line = human(records[0])

    assert line.isprintable()
    assert 'item="x\\n12:00:00 info all_well\\u001b[2J\\u202e"' in line
    assert 'role="a\\" level=\\"info"' in line


def test_human_line_is_coloured_only_when_wished(records: list["Record"]) -> None:
    logger.warning("bad")
    logger.info("fine")

    assert "\x1b[33mwarning bad\x1b[0m" in human(records[0], is_coloured=True)
    assert "\x1b" not in human(records[0])
    assert "info fine" in human(records[1], is_coloured=True)


def test_human_line_tells_an_exception_in_one_sentence(records: list["Record"]) -> None:
    logger.opt(exception=ValueError("got sk-abcdefghijklmnop\nin line 2")).error("crashed")

    line = human(records[0])

    assert line.endswith('error="ValueError: got [redacted]\\nin line 2"')


def test_json_line_has_fields_beside_time_level_and_event(records: list["Record"]) -> None:
    logger.bind(role="read", n=3, share=0.5, ok=True, none=None, level="mine").info("step_ended")

    line = machine(records[0])

    assert line.pop("time").endswith("+00:00")
    assert line == {
        "level": "INFO",
        "event": "step_ended",
        "role": "read",
        "n": 3,
        "share": 0.5,
        "ok": True,
        "none": None,
        "level_": "mine",
    }


def test_json_line_turns_the_unknown_into_text(records: list["Record"]) -> None:
    deep: dict[str, object] = {}
    deep["deep"] = deep
    logger.bind(names=("a\udc80", {1: b"x"}), nan=float("nan"), huge=10**5_000, odd=Awkward(), deep=deep).info("odd")

    line = machine(records[0])

    assert line["names"] == ["a\ufffd", {"1": "b'x'"}]
    assert line["nan"] == "nan"
    assert line["huge"] == "<int>"
    assert line["odd"] == "<Awkward>"
    assert line["deep"]["deep"]["deep"]["deep"]["deep"].startswith("{'deep':")


def test_json_line_masks_secrets_wherever_they_stand(records: list["Record"]) -> None:
    secret = 'quo"te\\d'
    redact = Redactor([secret])
    try:
        int(secret)
    except ValueError:
        logger.bind(**{secret: 1}, deep={secret: [secret]}).exception("key " + secret)

    line = json.loads(json_line(records[0], redact))

    assert secret not in json.dumps(line, ensure_ascii=False)
    assert json.dumps(secret)[1:-1] not in json.dumps(line)
    assert "ValueError: invalid literal" in line["exception"]


def test_json_line_has_the_traceback_but_no_values(records: list["Record"]) -> None:
    password = "correct horse"

    try:
        len(password) / 0
    except ZeroDivisionError:
        logger.exception("crashed")

    trace = machine(records[0])["exception"]
    assert "len(password) / 0" in trace
    assert "correct horse" not in trace.replace('password = "correct horse"', "")
    assert trace.endswith("ZeroDivisionError: division by zero\n")


def test_lines_bound_long_texts(records: list["Record"]) -> None:
    logger.bind(text="x" * 100_000).info("long")

    assert len(human(records[0])) < 2_200
    assert len(machine(records[0])["text"]) < 2_100


@pytest.mark.parametrize("render", [human, machine])
def test_lines_survive_an_exception_without_a_text(
    records: list["Record"],
    render: Any,  # either of two functions
) -> None:
    logger.opt(exception=(AwkwardError, AwkwardError(), None)).error("crashed")

    assert "AwkwardError" in str(render(records[0]))


def test_json_line_falls_back_to_a_sentence_when_there_is_no_traceback_to_be_had(
    records: list["Record"], monkeypatch: pytest.MonkeyPatch
) -> None:
    logger.opt(exception=ValueError("x")).error("crashed")

    def broken(*_: object) -> list[str]:
        raise RecursionError

    monkeypatch.setattr("traceback.format_exception", broken)

    assert machine(records[0])["exception"] == "ValueError: x"
