"""A process is killed in the worst moment (SIGKILL, as a power cut): nothing lost, nothing doubled."""

import asyncio
import contextlib
from pathlib import Path

import aiohttp
import pytest

from appliance.mail.store import MailStore
from cityhall.mail.store import HallMail
from provisioning.demo.samples.stack import Stack
from provisioning.demo.screens import until
from tests.support.one_stop import ARRIVE_S, OneStop, one_stop, sheets_of

pytestmark = pytest.mark.journey


def fronts(papers: Stack) -> tuple[Path, Path]:
    """Return the front of each of the two forms: two sheets, two applications."""
    return sheets_of(papers, 0)[0], sheets_of(papers, 1)[0]


async def test_the_desk_killed_in_the_middle_of_feeding(tmp_path: Path, papers: Stack) -> None:
    """The screen says from which sheet on to feed again; after that every sheet is there once."""
    sheets = (*sheets_of(papers, 0), sheets_of(papers, 1)[0])
    async with one_stop(tmp_path, papers) as stop:
        await stop.begin(2, *sheets)
        await stop.killed("desk")
        assert await stop.at_door() == "locked"
        await stop.unlock()
        trouble = (await stop.desk.state())["trouble"]
        assert trouble["cause"] == "power_cut"
        await stop.lay(*sheets[trouble["refeed_from"] - 1 :])
        await stop.desk.press("/batch/refeed")
        state = await stop.all_read()
        assert [sheet["number"] for sheet in state["sheets"]] == [1, 2, 3, 4]
        assert [sheet["twice"] for sheet in state["sheets"]] == [None] * 4
        assert len(state["applications"]) == 2


async def test_the_desk_killed_while_the_stack_is_read(tmp_path: Path, papers: Stack) -> None:
    """After the PIN the draft is there and the reading goes on where it was."""
    async with one_stop(tmp_path, papers) as stop:
        await stop.begin(2, *fronts(papers))
        await stop.sheets_read(1)
        await stop.killed("desk")
        await stop.unlock()
        state = await stop.all_read()
        assert [sheet["kind"] for sheet in state["sheets"]] == ["form_front", "form_front"]
        assert len(state["applications"]) == 2


async def test_the_desk_killed_right_at_hand_in(tmp_path: Path, papers: Stack) -> None:
    """Pressed again, the first receipt is the same one, and city hall has each application once."""
    async with one_stop(tmp_path, papers) as stop:
        await stop.begin(2, *fronts(papers))
        await stop.all_read()
        stop.world.switch_link("gone")
        await stop.confirm_all()
        early = await kept_before_the_cut(stop)
        await stop.unlock()
        if (await stop.desk.state())["phase"] != "handed_in":
            await stop.desk.press("/batch/hand-in", confirmed="1", protective="1")
        handed = await stop.handed()
        rows = outbox(stop)
        assert len(handed) == len(rows) == 2
        assert early.items() <= rows.items()
        stop.world.switch_link("good")
        await stop.sign_in()
        await stop.all_at_office(handed)
        assert await stop.times_at_office() == {item["id"]: 1 for item in handed}


async def kept_before_the_cut(stop: OneStop) -> dict[bytes, bytes]:
    """Press "hand in" and kill the desk as soon as the shelf holds one; return the receipts that were durable."""
    pressing = asyncio.create_task(stop.desk.press("/batch/hand-in", confirmed="1", protective="1"))
    async with asyncio.timeout(ARRIVE_S):
        while not outbox(stop):  # noqa: ASYNC110 - the condition lives in another process's database
            await asyncio.sleep(0)
    early = outbox(stop)
    await stop.killed("desk")
    with contextlib.suppress(aiohttp.ClientError):
        await pressing
    return early


def outbox(stop: OneStop) -> dict[bytes, bytes]:
    """Return the box receipts on the shelf by envelope."""
    mail = MailStore(stop.bus.mail)
    found = {row.env_id: row.box_receipt for row in mail.outbox()}
    mail.close()
    return found


async def test_uplink_and_intake_killed_in_the_middle_of_the_carry(
    tmp_path: Path, papers: Stack
) -> None:
    """After both are back every application is at the office once, byte for byte."""
    async with one_stop(tmp_path, papers) as stop:
        await stop.begin(2, *fronts(papers))
        await stop.all_read()
        stop.world.switch_link("gone")
        handed = await stop.hand_in()
        stop.world.switch_link("poor")
        await until("city hall holds the first slip", lambda: some_here(stop), ARRIVE_S)
        await stop.killed("uplink", "intake")
        stop.world.switch_link("good")
        await stop.sign_in()
        await stop.all_at_office(handed)
        assert await stop.times_at_office() == {item["id"]: 1 for item in handed}
        assert await stop.pages_are_equal(handed)


async def test_the_office_killed_while_applications_arrive(tmp_path: Path, papers: Stack) -> None:
    """Signed in again, the caseworker finds each application once and whole."""
    async with one_stop(tmp_path, papers) as stop:
        await stop.begin(2, *fronts(papers))
        await stop.all_read()
        stop.world.switch_link("gone")
        handed = await stop.hand_in()
        stop.world.switch_link("good")
        await until("city hall holds the first slip", lambda: some_here(stop), ARRIVE_S)
        await stop.killed("office")
        await stop.sign_in()
        await stop.all_at_office(handed)
        assert await stop.times_at_office() == {item["id"]: 1 for item in handed}
        assert await stop.pages_are_equal(handed)


async def some_here(stop: OneStop) -> bool:
    """Tell whether city hall's shelf holds any application."""
    mail = HallMail(stop.city.mail)
    found = bool(mail.arrivals(0, 1))
    mail.close()
    return found
