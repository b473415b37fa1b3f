"""The mailbox: in order, bounded, and no letter is lost when its reader is cancelled."""

import asyncio

import pytest

from swarm.mailbox import Mailbox


async def turns(number: int = 3) -> None:
    for _ in range(number):
        await asyncio.sleep(0)


async def test_letters_come_in_the_order_in_which_they_were_put() -> None:
    mailbox = Mailbox[int](3)
    for letter in (1, 2, 3):
        mailbox.put(letter)

    assert len(mailbox) == 3
    assert [await mailbox.get(), mailbox.take(), await mailbox.get()] == [1, 2, 3]
    assert not mailbox


async def test_letter_is_refused_when_the_mailbox_is_full() -> None:
    mailbox = Mailbox[int](1)
    mailbox.put(1)

    with pytest.raises(asyncio.QueueFull):
        mailbox.put(2)
    assert mailbox.take() == 1


async def test_reader_that_waits_longest_gets_the_letter() -> None:
    mailbox = Mailbox[int](2)
    readers = [asyncio.create_task(mailbox.get()) for _ in range(3)]
    await turns()

    mailbox.put(1)
    mailbox.put(2)
    await turns()

    assert [reader.done() for reader in readers] == [True, True, False]
    assert [reader.result() for reader in readers[:2]] == [1, 2]
    readers[2].cancel()


async def test_letter_can_be_taken_back_until_its_reader_runs() -> None:
    mailbox = Mailbox[int](1)
    reader = asyncio.create_task(mailbox.get())
    await turns()

    mailbox.put(1)
    taken = mailbox.take()
    await turns()

    assert (taken, reader.done()) == (1, False)
    mailbox.put(2)
    assert await reader == 2


@pytest.mark.parametrize("is_woken", [True, False], ids=["after it was woken", "before"])
async def test_letter_goes_to_another_reader_when_the_first_is_cancelled(is_woken: bool) -> None:
    mailbox = Mailbox[int](1)
    first, second = asyncio.create_task(mailbox.get()), asyncio.create_task(mailbox.get())
    await turns()

    if is_woken:
        mailbox.put(1)
        first.cancel()
    else:
        first.cancel()
        mailbox.put(1)

    assert await asyncio.wait_for(second, 1) == 1
    assert first.cancelled()


async def test_letter_stays_when_its_only_reader_is_cancelled() -> None:
    mailbox = Mailbox[int](1)
    reader = asyncio.create_task(mailbox.get())
    await turns()
    mailbox.put(1)

    reader.cancel()
    await asyncio.wait([reader])

    assert len(mailbox) == 1
    assert await mailbox.get() == 1
