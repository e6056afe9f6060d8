"""The desk as a real process on a machine whose wall clock is wrong from the start."""

from contextlib import closing
from pathlib import Path

import aiohttp
import pytest

from appliance.mail.store import MailStore
from tests.appliance.desk.test_desk_process import settings
from tests.support.counterworld import CounterWorld
from tests.support.house_process import running
from tests.support.houses import until

LIBRARY = next(iter(sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))), None)

pytestmark = pytest.mark.skipif(
    LIBRARY is None, reason="libfaketime plays the wall clock; install Debian's faketime"
)


@pytest.mark.parametrize("wall", ["@1970-01-02 00:00:00", "-619315200"], ids=["1970", "1024_weeks"])
async def test_the_desk_opens_and_says_that_its_time_is_not_sure(
    world: CounterWorld, wall: str
) -> None:
    """Nobody is sent away; the start stands in the journal, not before what the city signed."""
    # The time since the boot stays what it is; the wall alone is played.
    played = f"LD_PRELOAD={LIBRARY}", f"FAKETIME={wall}", "FAKETIME_DONT_FAKE_MONOTONIC=1"
    under = ("env", *played)
    async with running("appliance.desk", ["--config", str(settings(world))], under) as desk:
        async with (
            aiohttp.ClientSession() as browser,
            browser.get(desk.facts["address"] + "/visit") as answer,
        ):
            assert answer.status == 200
            assert "時刻合わせができていません" in await answer.text()
        with closing(MailStore(world.folder / "mail")) as mail:
            await until(lambda: [one.kind for one in mail.entries()][:1] == ["boot"])
            assert mail.entries()[0].wall.year >= 2026
        assert await desk.stop() == 0
