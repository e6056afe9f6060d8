import asyncio
from datetime import timedelta

import pytest

from tests.support.makers import RECOVERY, make_envelope, make_opening_key
from tests.support.office_client import HTML, post, text
from tests.support.office_world import OfficeWorld, Page, a_defect

TWO = (Page(page=b"one"), Page("form_back", b"two", b"small two"))


async def test_the_inbox_shows_what_a_caseworker_needs(world: OfficeWorld) -> None:
    """Name, number, provider, days, defects, how much has arrived."""
    world.case(pages=TWO, here=[0, 1, 2], defects=[a_defect()])
    async with world.browser() as client:
        page = await text(client, "/inbox")
    for said in ("髙﨑", "きたの丘", "あと37日", "あと30日", "要補正 1", "書類 1／2枚", "未処理"):
        assert said in page


async def test_the_inbox_in_english(world: OfficeWorld) -> None:
    """The switch is remembered for the next page."""
    world.case()
    async with world.browser() as client:
        await client.get("/inbox?lang=en", headers=HTML)
        assert "37 days left" in await text(client, "/inbox")


async def test_an_arrival_that_does_not_open_is_a_red_line(world: OfficeWorld) -> None:
    """The caseworkers see that something is there which they cannot see."""
    world.file(make_envelope(7, recipients=[(make_opening_key(RECOVERY).public, 2)]))
    world.arrivals.take_all()
    async with world.browser() as client:
        assert "開封できない届き物が1件" in await text(client, "/inbox")


@pytest.mark.parametrize(
    "query", ["view=nonsense", "page=x", "page=0", "page=-3", "q=" + "x" * 500, "page=99", "page=²"]
)
async def test_strange_questions_get_a_page(world: OfficeWorld, query: str) -> None:
    """No address typed by hand breaks the inbox."""
    async with world.browser() as client:
        await text(client, f"/inbox?{query}")


async def test_a_look_at_the_inbox_is_a_line_a_refresh_is_none(world: OfficeWorld) -> None:
    """What the screen asks by itself is no person's look."""
    async with world.browser() as client:
        await client.get("/inbox")
        await client.get("/inbox", headers={"X-By-Itself": "1"})
    assert [line.action for line in world.audit.lines()].count("inbox.shown") == 1


async def test_the_list_as_facts(world: OfficeWorld) -> None:
    """The JSON list carries id, number, state and the three axes."""
    case = world.case()
    async with world.browser() as client:
        found = await (await client.get("/cases.json")).json()
    one = found["cases"][0]
    assert (one["id"], one["state"], one["transfer"], one["edge_data"], one["custody"]) == (
        case,
        "handed_in",
        "complete",
        "acknowledged",
        "with_filer",
    )


async def test_accepting_the_last_one_leads_to_the_inbox(world: OfficeWorld) -> None:
    """Nothing left to do is said."""
    case = world.case()
    async with world.browser() as client:
        assert await post(client, f"/cases/{case}/accept") == (303, "/inbox?done=accepted")
        assert "要対応の申請はありません" in await text(client, "/inbox?done=accepted")


async def test_the_stream_says_hello_and_every_change(world: OfficeWorld) -> None:
    """A screen hears the number first, then each move of the board."""
    async with world.browser() as client, asyncio.timeout(60):
        stream = await client.get("/inbox/events")
        assert await _event(stream) == "hello"
        world.board.changed()
        assert await _event(stream) == "changed"
        stream.close()


async def test_the_stream_says_when_the_session_is_over(world: OfficeWorld) -> None:
    """An open screen of somebody who is out goes to sign-in."""
    async with world.browser() as client, asyncio.timeout(60):
        stream = await client.get("/inbox/events")
        assert await _event(stream) == "hello"
        world.clock.move(timedelta(minutes=11))
        world.board.changed()
        assert await _event(stream) == "ended"


async def _event(stream: object) -> str:
    """Return the name of the next event."""
    while True:
        line = (await stream.content.readline()).decode()  # type: ignore[attr-defined]
        if line.startswith("event: "):
            return str(line.removeprefix("event: ").strip())
