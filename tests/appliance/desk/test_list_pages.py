"""The provider's list at the kiosk: brought, mapped by a press, used for the people in the stack."""

import io
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest
from aiohttp import FormData
from aiohttp.test_utils import TestClient, TestServer

from appliance.desk.counter import Counter
from appliance.desk.providerlist.lists import LISTS_MAX, LISTS_NAME
from appliance.desk.providerlist.table import BYTES_MAX
from appliance.desk.web.app import make_app, make_room
from appliance.mail.store import MailStore
from tests.appliance.desk.test_kiosk import IDLE_S, PLACE, Kiosk, feed
from tests.support.counterworld import CounterWorld, settled
from tests.support.madeup_papers import paper

LIST = (
    "利用者氏名,フリガナ,生年月日,性別,被保険者番号,要介護度,認定有効期間終了日,住所,主治医,備考\r\n"
    "渡邉　トシ,ﾜﾀﾅﾍﾞ ﾄｼ,S12.12.25,女,0012345699,要介護3,R8.9.30,盛岡市肴町９番１号,及川　章,第3火曜は留守\r\n"
    "及川　正三,ｵｲｶﾜ ｼｮｳｿﾞｳ,S13.99.25,男,0012345698,要介護1,R8.9.30,盛岡市肴町８番１号,,\r\n"
).encode("cp932")


@pytest.fixture
async def kiosk(counter: Counter) -> AsyncIterator[Kiosk]:
    """Return a kiosk inside an open visit."""
    room = make_room(counter, PLACE, IDLE_S)
    async with TestClient(TestServer(make_app(room))) as client:
        door = aiohttp.web.Response()
        room.sessions.begin(door)
        client.session.cookie_jar.update_cookies(door.cookies, client.make_url("/"))
        yield Kiosk(client, room)


async def bring(kiosk: Kiosk, data: bytes, csrf: str | None = None) -> tuple[int, str]:
    """Post a file as a browser does."""
    form = FormData()
    form.add_field("csrf", (await kiosk.state())["csrf"] if csrf is None else csrf)
    form.add_field("file", io.BytesIO(data), filename="利用者一覧.csv", content_type="text/csv")
    async with kiosk.client.post("/lists", data=form, allow_redirects=False) as answer:
        return answer.status, answer.headers.get("Location") or await answer.text()


async def columns_of(kiosk: Kiosk) -> dict[str, str]:
    """Return the columns that the page proposes, as its form would send them."""
    one = kiosk.room.counter.on_tray().lists.brought[0]
    return {f"c{column}": key for column, key in one.columns.items()}


def front(number: str, *more: tuple[str, str, float]) -> bytes:
    """Return a form's front without a code, its number clearly read."""
    return paper("form_front", fields=[("insured_no", number, 0.99), *more])


async def test_a_list_fills_in_a_person_the_city_does_not_expect(
    world: CounterWorld, kiosk: Kiosk
) -> None:
    """Two presses; every value says that it came from the provider's data."""
    assert await bring(kiosk, LIST) == (303, "/lists/0")
    page = await kiosk.page("/lists/0")
    assert page.count(" selected") == 9
    assert "3 行目" in page
    assert "S13.99.25" in page
    assert await kiosk.press("/lists/0", **await columns_of(kiosk)) == (303, "/lists")
    assert "2 人分を使用中" in await kiosk.page("/lists")
    await feed(world, kiosk, [front("0012345699", ("name", "渡辺　トン", 0.9))], 1)
    item = (await kiosk.state())["applications"][0]
    assert item["fields"]["physician.name"] == "及川　章"
    assert item["fields"]["address"] == "盛岡市肴町９番１号"
    assert (item["fields"]["name"], item["sources"]["name"]) == ("渡邉　トシ", "csv")
    assert {one["value"] for one in item["told"]} == {"渡邉　トシ", "渡辺　トン"}
    assert "事業所のデータ" in await kiosk.page(f"/applications/{item['id']}")


async def test_a_list_that_comes_after_the_papers_counts_too(
    world: CounterWorld, kiosk: Kiosk
) -> None:
    """The batch is put together once more, and again when the list is dropped."""
    await feed(world, kiosk, [front("0012345699")], 1)
    assert "name" not in (await kiosk.state())["applications"][0]["fields"]
    await bring(kiosk, LIST)
    assert "name" not in (await kiosk.state())["applications"][0]["fields"]
    await kiosk.press("/lists/0", **await columns_of(kiosk))
    assert (await kiosk.state())["applications"][0]["fields"]["name"] == "渡邉　トシ"
    await kiosk.press("/lists/0/drop")
    assert "name" not in (await kiosk.state())["applications"][0]["fields"]


async def test_what_was_confirmed_before_the_list_came_is_looked_at_again(
    world: CounterWorld, kiosk: Kiosk
) -> None:
    """Nobody stood behind values that came later; who is not on the list stays confirmed."""
    await feed(world, kiosk, [front("0012345699"), front("0012345697")], 2)
    for item in (await kiosk.state())["applications"]:
        await kiosk.press(f"/applications/{item['id']}/confirm")
    tray = kiosk.room.counter.on_tray()
    await bring(kiosk, LIST)
    await kiosk.press("/lists/0", **await columns_of(kiosk))
    items = kiosk.room.counter.opened().current().applications
    assert [item.confirmed for item in items] == [False, True]
    await tray.join_again()
    assert [item.confirmed for item in items] == [False, True]


async def test_the_columns_are_known_at_the_next_visit(kiosk: Kiosk) -> None:
    """What a person said of a file holds for the same provider's next file of its kind."""
    await bring(kiosk, LIST)
    told = await columns_of(kiosk)
    del told["c7"]
    await kiosk.press("/lists/0", **told, c9="survey.bad_days")
    await bring(kiosk, LIST.replace("渡邉".encode("cp932"), "渡邊".encode("cp932")))
    again = kiosk.room.counter.on_tray().lists.brought[1].columns
    assert (again.get(7), again[9]) == (None, "survey.bad_days")


async def test_a_number_read_with_doubt_leads_to_nobodys_line(
    world: CounterWorld, kiosk: Kiosk
) -> None:
    """One digit wrong is another person."""
    await bring(kiosk, LIST)
    await kiosk.press("/lists/0", **await columns_of(kiosk))
    doubtful = paper("form_front", fields=[("insured_no", "0012345699", 0.6)])
    await feed(world, kiosk, [doubtful], 1)
    assert "address" not in (await kiosk.state())["applications"][0]["fields"]


async def test_a_restart_loses_no_list(world: CounterWorld, mail: MailStore, kiosk: Kiosk) -> None:
    """It lies sealed beside the draft, and nothing of it can be read there."""
    await bring(kiosk, LIST)
    await kiosk.press("/lists/0", **await columns_of(kiosk))
    sealed = (world.desk / "drafts" / f"{LISTS_NAME}.sealed").read_bytes()
    assert "渡邉".encode() not in sealed
    again = await world.opened(mail)
    assert again.on_tray().lists.brought == kiosk.room.counter.on_tray().lists.brought
    await again.stop()


async def test_a_torn_list_costs_the_list_alone(
    world: CounterWorld, mail: MailStore, kiosk: Kiosk
) -> None:
    """The provider still has it."""
    await bring(kiosk, LIST)
    (world.desk / "drafts" / f"{LISTS_NAME}.sealed").write_bytes(b"torn")
    again = await world.opened(mail)
    assert again.on_tray().lists.brought == ()
    await again.stop()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "ファイルが選ばれていません"),
        (b"PK\x03\x04", "Excelのまま"),
        (b"1" * (BYTES_MAX + 1), "1024 KB までです"),
        (b"a,b\r\n1,\x81\xff\r\n", "2 行目に"),
    ],
)
async def test_what_is_no_list_is_said_on_the_page(kiosk: Kiosk, data: bytes, said: str) -> None:
    """The answer is 422 with the reason on top."""
    status, page = await bring(kiosk, data)
    assert (status, said in page) == (422, True)


async def test_only_this_screens_own_form_brings_a_file(kiosk: Kiosk) -> None:
    """The token is compared before the file is looked at."""
    assert (await bring(kiosk, LIST, csrf="forged"))[0] == 403
    assert (await kiosk.press("/lists"))[0] == 422
    assert kiosk.room.counter.on_tray().lists.brought == ()


async def test_a_list_needs_the_column_of_the_number(kiosk: Kiosk) -> None:
    """And each field once, and only fields a list may fill."""
    await bring(kiosk, LIST)
    assert "被保険者番号の列" in (await kiosk.press("/lists/0", c0="name"))[1]
    told = await columns_of(kiosk)
    assert "二つの列" in (await kiosk.press("/lists/0", **{**told, "c9": "name"}))[1]
    assert (await kiosk.press("/lists/0", **{**told, "c9": "individual_no"}))[0] == 422
    assert (await kiosk.press("/lists/7", **told))[0] == 422


async def test_a_visit_holds_a_few_lists(kiosk: Kiosk) -> None:
    """As many as care software writes."""
    for place in range(LISTS_MAX):
        assert (await bring(kiosk, LIST))[1] == f"/lists/{place}"
    assert (await bring(kiosk, LIST))[0] == 422


async def test_files_on_the_stick_are_offered_and_read(kiosk: Kiosk, tmp_path: Path) -> None:
    """By the names in that folder only; a way out of it leads nowhere."""
    stick = tmp_path / "stick"
    stick.mkdir()
    (stick / "riyousha.CSV").write_bytes(LIST)
    (stick / "photo.jpg").write_bytes(b"x")
    (stick / "away.csv").symlink_to("/etc/hostname")
    counter = kiosk.room.counter
    counter.partners = replace(counter.partners, provider_files=stick)
    page = await kiosk.page("/lists")
    assert ("riyousha.CSV" in page, "photo.jpg" in page, "away.csv" in page) == (True, False, False)
    assert (await kiosk.press("/lists/stick", file="../box/keys/staff.json"))[0] == 422
    assert await kiosk.press("/lists/stick", file="riyousha.CSV") == (303, "/lists/0")


async def test_no_word_of_a_list_is_logged(
    world: CounterWorld, kiosk: Kiosk, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither its name nor its people."""
    caplog.set_level(logging.DEBUG)
    await bring(kiosk, LIST)
    await kiosk.press("/lists/0", **await columns_of(kiosk))
    await feed(world, kiosk, [front("0012345699")], 1)
    await settled(kiosk.room.counter)
    for word in ("渡邉", "0012345699", "利用者一覧", "及川"):
        assert word not in caplog.text
