import hashlib

import pytest

from tests.support.caseworker_screen import drawn_page
from tests.support.makers import make_id
from tests.support.office_client import csrf_of, post, text
from tests.support.office_world import OfficeWorld, Page

TWO = (Page(page=b"one"), Page("form_back", b"two", b"small two"))
CORRECTION = {
    "reason": "page_missing",
    "missing": "form_back",
    "fields": "physician.name",
    "sentence": "裏面をお持ちください。",
}


async def test_a_case_as_facts(world: OfficeWorld) -> None:
    """Fields, sources, sheets with digests, the three instants and the filing date."""
    case = world.case(pages=TWO, here=[0, 1, 2])
    async with world.browser() as client:
        found = await (await client.get(f"/cases/{case}.json")).json()
    assert found["fields"]["name"] == "髙﨑　𠮷雄"
    assert found["sources"]["name"] == "ocr"
    assert [(one["kind"], one["arrived"]) for one in found["sheets"]] == [
        ("form_front", True),
        ("form_back", False),
    ]
    assert (found["filing_date"], found["registered_at"]) == ("2026-11-24", None)
    assert found["handed_in_at"] < found["arrived_at"]


async def test_a_wrong_insurer_and_a_duplicate_are_shown(world: OfficeWorld) -> None:
    """Both are named, with the way to the other case; the buttons stay."""
    case = world.case(answers={"insurer_no": "032037", "insured_no": "1111111111"})
    other = world.case(1, answers={"insured_no": "1111111111"})
    async with world.browser() as client:
        page = await text(client, f"/cases/{case}")
        facts = (await (await client.get(f"/cases/{case}.json")).json())["observations"]
    assert "住所地特例" in page
    assert f"/cases/{other}" in page
    assert 'id="accept"' in page
    assert [one["fact"] for one in facts] == ["wrong_insurer", "duplicate"]


async def test_what_arrived_is_told_without_opening(world: OfficeWorld) -> None:
    """Asking for progress leaves no line, because nothing was seen."""
    case = world.case(pages=TWO, here=[0])
    async with world.browser() as client:
        before = len(world.audit.lines())
        found = await (await client.get(f"/cases/{case}/arrived.json")).json()
    assert [(one["preview_arrived"], one["arrived"]) for one in found["sheets"]] == [
        (True, False),
        (False, False),
    ]
    assert len(world.audit.lines()) == before


async def test_a_page_comes_with_its_type_and_no_sniffing(world: OfficeWorld) -> None:
    """Written anew it is a picture and nothing else; the digest of what came out of the seal goes with it."""
    case = world.case(pages=(Page(), Page(page=drawn_page("back"))))
    async with world.browser() as client:
        answer = await client.get(f"/cases/{case}/pages/1")
        assert answer.content_type == "image/jpeg"
        sealed = hashlib.sha256(drawn_page("back")).hexdigest()
        assert answer.headers["X-Sealed-SHA256"] == sealed
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"


async def test_a_page_on_the_road_is_404(world: OfficeWorld) -> None:
    """Not yet is not there."""
    case = world.case(here=[0])
    async with world.browser() as client:
        assert (await client.get(f"/cases/{case}/pages/0")).status == 404


@pytest.mark.parametrize(
    "path", ["/cases/xyz", "/cases/" + "0" * 32, "/cases/" + "0" * 32 + ".json"]
)
async def test_a_case_nobody_knows_is_404(world: OfficeWorld, path: str) -> None:
    """Also for addresses that are no case at all."""
    async with world.browser() as client:
        assert (await client.get(path)).status == 404


async def test_accepting_opens_the_next_case(world: OfficeWorld) -> None:
    """One key per case: the nearest deadline after this one follows."""
    first = world.case(answers={"prev_valid_to": "2026-11-30"})
    second = world.case(1)
    async with world.browser() as client:
        assert await post(client, f"/cases/{first}/accept", versions="1") == (
            303,
            f"/cases/{second}?done=accepted",
        )
        assert "次の申請を表示しています" in await text(client, f"/cases/{second}?done=accepted")


async def test_accepting_twice_is_said_in_words(world: OfficeWorld) -> None:
    """409 and the case as it is now."""
    case = world.case()
    async with world.browser() as client:
        await post(client, f"/cases/{case}/accept")
        data = {"csrf": await csrf_of(client)}
        answer = await client.post(f"/cases/{case}/accept", data=data)
        assert answer.status == 409
        assert "状態が変わっていた" in await answer.text()


async def test_accepting_an_old_screen_asks_to_look_again(world: OfficeWorld) -> None:
    """The screen knew no version, the case has one more."""
    case = world.case()
    async with world.browser() as client:
        status, _ = await post(client, f"/cases/{case}/accept", versions="0")
    assert status == 409
    assert world.casework.entry(case).case.state == "handed_in"


async def test_a_correction_goes_down_and_the_screen_goes_on(world: OfficeWorld) -> None:
    """The state changes, the letter is in the tray, the screen wakes."""
    case = world.case()
    async with world.browser() as client:
        status, where = await post(client, f"/cases/{case}/correction", **CORRECTION)
        assert (status, where) == (303, "/inbox?done=correction")
        page = await text(client, f"/cases/{case}")
    assert "補正の回答を待っています" in page
    assert len(world.mail.letters_for("bus-07")) == 1
    assert world.board.number == 1


@pytest.mark.parametrize(
    "change", [{"reason": "because"}, {"sentence": ""}, {"sentence": "字" * 501}]
)
async def test_a_correction_without_words_is_not_sent(
    world: OfficeWorld, change: dict[str, str]
) -> None:
    """422 with the sentence on the same page; nothing was moved."""
    case = world.case()
    async with world.browser() as client:
        status, _ = await post(client, f"/cases/{case}/correction", **{**CORRECTION, **change})
    assert status == 422
    assert world.casework.entry(case).case.state == "handed_in"


async def test_several_pages_and_fields_may_be_named(world: OfficeWorld) -> None:
    """A browser repeats the name, a script may use commas."""
    case = world.case()
    async with world.browser() as client:
        form = [
            *(pair for pair in CORRECTION.items() if pair[0] != "missing"),
            ("csrf", await csrf_of(client)),
            ("missing", "form_back"),
            ("missing", "insurance_card,other"),
        ]
        answer = await client.post(f"/cases/{case}/correction", data=form, allow_redirects=False)
    assert answer.status == 303
    assert world.inbox.decisions(case)[0].reason == "page_missing"


async def test_pulling_a_page_asks_the_bus(world: OfficeWorld) -> None:
    """Back to the same sheet, and the wish stands on the shelf."""
    case = world.case(here=[0])
    async with world.browser() as client:
        assert await post(client, f"/cases/{case}/pull", page="0") == (
            303,
            f"/cases/{case}#sheet-0",
        )
    assert world.mail.pulls("bus-07") == [(make_id(0), 1)]


@pytest.mark.parametrize(("page", "status"), [("", 400), ("x", 400), ("-1", 400), ("9", 404)])
async def test_pulling_nonsense_is_refused(world: OfficeWorld, page: str, status: int) -> None:
    """The page of a pull is a number of a sheet."""
    case = world.case(here=[0])
    async with world.browser() as client:
        assert (await post(client, f"/cases/{case}/pull", page=page))[0] == status
