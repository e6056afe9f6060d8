"""The very same stack a second time, in the same visit and in the next one."""

from pathlib import Path

import pytest

from provisioning.demo.samples.stack import Stack
from tests.support.one_stop import one_stop, sheets_of

pytestmark = pytest.mark.journey


async def test_the_same_pages_fed_twice(tmp_path: Path, papers: Stack) -> None:
    """The screen says that the stack was handed in before; at the office nothing is doubled."""
    sheets = (sheets_of(papers, 0)[0], sheets_of(papers, 1)[0])
    async with one_stop(tmp_path, papers) as stop:
        await stop.begin(2, *sheets)
        await stop.all_read()
        handed = await stop.hand_in()
        for again in ("in the same visit", "in the next visit"):
            if again == "in the next visit":
                await stop.desk.press("/visit/close", anyway="1")
                await stop.open_visit(following=True)
            await stop.desk.press("/batch/declare", count="2")
            await stop.lay(*sheets)
            await stop.desk.press("/batch/feed")
            state = await stop.all_read()
            assert all(sheet["twice"] for sheet in state["sheets"]), again
            assert state["applications"] == [], again
            page = await stop.desk.words("/batch")
            assert "この束はすでに受け付けています。二重には受け付けません。" in page, again
        await stop.sign_in()
        await stop.all_at_office(handed)
        assert await stop.times_at_office() == {item["id"]: 1 for item in handed}
