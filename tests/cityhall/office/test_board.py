import asyncio

import pytest

from cityhall.office.board import MOST_LISTENERS, Board, BoardFull


async def test_a_listener_hears_the_number_at_once() -> None:
    """A screen that comes back knows whether it missed something."""
    board = Board()
    board.changed()
    numbers = board.numbers(heartbeat_s=1)
    assert await anext(numbers) == 1
    await numbers.aclose()


async def test_a_slow_listener_hears_the_newest_number_only() -> None:
    """Nothing queues up for a sleeping screen."""
    board = Board()
    numbers = board.numbers(heartbeat_s=1)
    await anext(numbers)
    for _ in range(1000):
        board.changed()
    assert await anext(numbers) == 1000
    await numbers.aclose()


async def test_silence_is_broken_by_a_heartbeat() -> None:
    """The same number again tells that the line is alive."""
    numbers = Board().numbers(heartbeat_s=0.01)
    assert [await anext(numbers), await anext(numbers)] == [0, 0]
    await numbers.aclose()


async def test_there_is_a_limit_of_screens() -> None:
    """At the limit all are served, one beyond is refused; closing one makes room."""
    board = Board()
    all_of_them = [board.numbers(heartbeat_s=1) for _ in range(MOST_LISTENERS)]
    for numbers in all_of_them:
        await anext(numbers)
    with pytest.raises(BoardFull):
        await anext(board.numbers(heartbeat_s=1))
    await all_of_them.pop().aclose()
    late = board.numbers(heartbeat_s=1)
    assert await anext(late) == 0
    for numbers in [*all_of_them, late]:
        await numbers.aclose()


async def test_closing_ends_every_stream() -> None:
    """The office stops without waiting for browsers."""
    board = Board()
    numbers = board.numbers(heartbeat_s=60)
    await anext(numbers)
    board.close()
    async with asyncio.timeout(60):
        assert [number async for number in numbers] in ([], [1])
