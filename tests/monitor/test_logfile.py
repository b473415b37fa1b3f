from pathlib import Path

import pytest

from monitor.logfile import LogFile, copy, follow, lines, older, remove


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run.jsonl"


def write(path: Path, *texts: bytes, max_bytes: int = 10_000) -> None:
    log = LogFile(path, max_bytes=max_bytes)
    for text in texts:
        log.write(text)
    log.close()


def test_a_log_is_appended_to(path: Path) -> None:
    write(path, b"one")
    write(path, b"two")

    assert list(lines(path)) == [b"one", b"two"]


def test_a_log_that_would_be_too_large_becomes_the_older_one(path: Path) -> None:
    write(path, *(b"line %02d" % number for number in range(25)), max_bytes=80)

    assert path.stat().st_size <= 80
    assert older(path).stat().st_size <= 80
    assert older(path).name == "run.1.jsonl"
    kept = list(lines(path))
    assert kept[-1] == b"line 24"
    assert kept == [b"line %02d" % number for number in range(25 - len(kept), 25)]
    assert 10 <= len(kept) <= 20


def test_the_size_of_an_earlier_process_counts(path: Path) -> None:
    for number in range(30):
        write(path, b"line %02d" % number, max_bytes=80)

    assert path.stat().st_size <= 80
    assert list(lines(path))[-1] == b"line 29"


def test_a_line_larger_than_the_file_may_be_is_written_alone(path: Path) -> None:
    write(path, b"x" * 100, b"y" * 100, max_bytes=80)

    assert list(lines(path)) == [b"x" * 100, b"y" * 100]


def test_a_torn_last_line_is_left_out(path: Path) -> None:
    path.write_bytes(b"whole\ntor")

    assert list(lines(path)) == [b"whole"]


def test_there_are_no_lines_where_there_is_no_log(path: Path) -> None:
    assert list(lines(path)) == []
    remove(path)


def test_copy_makes_one_file_of_both(path: Path, tmp_path: Path) -> None:
    write(path, *(b"line %02d" % number for number in range(15)), max_bytes=80)

    copy(path, tmp_path / "all")

    assert (tmp_path / "all").read_bytes().splitlines() == list(lines(path))
    remove(path)
    assert [left.name for left in tmp_path.iterdir()] == ["all"]


def test_follow_reads_what_is_written_meanwhile_also_when_the_file_turns(path: Path) -> None:
    write(path, b"line 00")
    log = LogFile(path, max_bytes=80)
    turns = iter(range(6))

    def pause() -> None:
        number = 1 + 5 * next(turns)
        for n in range(number, number + 5):
            log.write(b"line %02d" % n)

    def is_over() -> bool:
        return b"line 30" in seen

    seen: list[bytes] = []
    seen.extend(follow(path, is_over=is_over, pause=pause))
    log.close()

    assert seen == [b"line %02d" % number for number in range(31)]
    assert older(path).exists()


@pytest.mark.parametrize("before", [[], [b"one"]])
def test_follow_waits_for_a_log_that_is_not_there_yet_and_reads_no_line_twice(path: Path, before: list[bytes]) -> None:
    if before:
        write(path, *before)
    pauses = iter((lambda: write(path, b"two"), lambda: None, lambda: None))
    left = [3]

    def pause() -> None:
        left[0] -= 1
        next(pauses)()

    seen = list(follow(path, is_over=lambda: left[0] == 0, pause=pause))

    assert seen == [*before, b"two"]
