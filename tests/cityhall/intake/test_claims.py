"""One writer an item: who waits, who is ended, and that nobody is let in beside another."""

import asyncio

import pytest

from cityhall.intake.claims import CLAIMS_LIMIT, Claims, TooManyClaimsError

KEY = ("bus-07", bytes(16), 2)


async def test_a_newer_one_ends_the_older_and_waits_for_it() -> None:
    """The second begins only after the first has let go; the third ends the second, too."""
    claims, told = Claims(), []
    ended = asyncio.Event()

    async def first() -> None:
        async with claims.hold(KEY, ended.set):
            told.append("first in")
            await ended.wait()
            await asyncio.sleep(0)
            told.append("first out")

    async def later(name: str) -> None:
        async with claims.hold(KEY, lambda: told.append(f"{name} ended")):
            told.append(f"{name} in")

    running = asyncio.create_task(first())
    await asyncio.sleep(0)
    await asyncio.gather(later("second"), later("third"))
    await running
    assert told == ["first in", "second ended", "first out", "second in", "third in"]


async def test_one_that_gives_up_waiting_lets_nobody_in_too_early() -> None:
    """A waiting request is cancelled while the first still writes: the next one waits on."""
    claims, told = Claims(), []
    async with claims.hold(KEY, lambda: None):

        async def later(name: str) -> None:
            async with claims.hold(KEY, lambda: None):
                told.append(name)

        tasks = [asyncio.create_task(later(name)) for name in ("second", "third")]
        await asyncio.sleep(0)
        tasks[0].cancel()
        await asyncio.gather(tasks[0], return_exceptions=True)
        assert told == []
    await tasks[1]
    assert told == ["third"]


async def test_a_box_has_a_bounded_number_under_way() -> None:
    """Another box is not held up by it."""
    claims = Claims()
    held = [claims.hold(("bus-07", bytes(16), item), lambda: None) for item in range(CLAIMS_LIMIT)]
    for one in held:
        await one.__aenter__()
    with pytest.raises(TooManyClaimsError):
        async with claims.hold(("bus-07", bytes(16), 99), lambda: None):
            pass
    async with claims.hold(("bus-08", bytes(16), 0), lambda: None):
        pass
    for one in held:
        await one.__aexit__(None, None, None)
    async with claims.hold(("bus-07", bytes(16), 99), lambda: None):
        pass
