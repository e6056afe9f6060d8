"""Previews are made once while they are on the screen, small, and as browsers show them."""

import asyncio
import io

import numpy as np
import pytest
from PIL import Image

from appliance.desk.previews import KEPT, LONGEST, Made, Previews, small
from papers.look import write_look
from papers.showable import AVIF, LOOK, WRITTEN_TYPE


class Maker:
    """Makes previews and counts; fails while told to."""

    def __init__(self) -> None:
        self.made = 0
        self.fails = False

    async def __call__(self) -> Made:
        """Make one, a turn later."""
        await asyncio.sleep(0)
        self.made += 1
        if self.fails:
            raise LookupError("gone")
        return b"picture", WRITTEN_TYPE


async def test_who_asks_again_or_at_once_gets_the_same() -> None:
    """A page that asks each second costs one picture."""
    previews, make = Previews(), Maker()
    both = await asyncio.gather(previews.get("a", make), previews.get("a", make))
    assert [*both, await previews.get("a", make)] == [(b"picture", WRITTEN_TYPE)] * 3
    assert make.made == 1


async def test_a_picture_that_was_not_there_is_asked_for_again() -> None:
    """A fault is told to who asked, and not kept."""
    previews, make = Previews(), Maker()
    make.fails = True
    with pytest.raises(LookupError):
        await previews.get("a", make)
    make.fails = False
    assert await previews.get("a", make) == (b"picture", WRITTEN_TYPE)


async def test_only_the_latest_are_kept() -> None:
    """One more than the limit sends the oldest away; what was asked for lately stays."""
    previews, make = Previews(), Maker()
    for number in range(KEPT):
        await previews.get(str(number), make)
    await previews.get("0", make)
    await previews.get("one more", make)
    await previews.get("0", make)
    assert make.made == KEPT + 1
    await previews.get("1", make)
    assert make.made == KEPT + 2


def test_a_preview_of_our_own_becomes_a_small_jpeg() -> None:
    """No browser shows a first look, and no page shows it larger; a common picture stays as it is."""
    page = np.full((1170, 827, 3), 255, np.uint8)
    page[200:900:40, 100:700] = 0
    data, media_type = small(write_look(page), LOOK)
    with Image.open(io.BytesIO(data)) as picture:
        assert (picture.format, max(picture.size)) == ("JPEG", LONGEST)
    assert media_type == WRITTEN_TYPE
    assert small(b"as it is", AVIF) == (b"as it is", AVIF)
