"""Test persons 11 to 20 of the trial, from their papers at the desk to what a caseworker reads."""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from procedures.deadlines import months_before
from tests.support.madeup_papers import back, card, due, front, paper
from tests.support.office_client import post, text
from tests.support.person_papers import expected, unexpected
from tests.support.person_road import person_road
from tests.support.person_stop import at_office, defects, filed, japan, person_stop

NOON = japan(2026, 8, 21)


async def test_person_11_wrote_two_digits_the_wrong_way_round(tmp_path: Path) -> None:
    """Form and certificate differ: nobody guesses; whose card it is, and which number counts, a person says."""
    papers = unexpected(2, {"insured_no": "0012345602"}, insured_no="0012345620")
    async with person_stop(tmp_path, NOON) as stop:
        first, second = await stop.feed(*papers.sheets)
        await stop.press("/sheets/3/move", application=first["id"])
        told = ["block insured_no_differs_from_card", "warn read_again"]
        assert await stop.checks() == told
        assert second["id"] not in [item["id"] for item in await stop.applications()]
        await stop.press(f"/applications/{first['id']}/choose", choice="insured_no=0012345602")
        assert await stop.checks() == ["warn read_again"]
        case = await at_office(stop)
    assert (case["fields"]["insured_no"], defects(case)) == ("0012345602", [])


async def test_person_11_is_on_the_list(tmp_path: Path) -> None:
    """The list knows the number by the code; what the person wrote is still shown against the certificate."""
    papers = expected(2)
    wrong = paper(
        "form_front",
        qr={"payload": "KN1:032011:R00002:0", "reference": "R00002"},
        fields=[("insured_no", "0012345620", 0.95)],
    )
    async with person_stop(tmp_path, NOON, papers.due) as stop:
        await stop.feed(wrong, papers.back, papers.card)
        assert await stop.checks() == ["block insured_no_differs_from_card"]
        case = await at_office(stop)
    assert case["fields"]["insured_no"] == "0012345602"
    assert defects(case) == ["block insured_no_differs_from_card"]


async def test_person_12_turns_65_tomorrow(tmp_path: Path) -> None:
    """By law the age is reached today: category 1 without a look, and no disease is asked for."""
    papers = unexpected(2, birth_date="1961-08-22", insured_class="", medical_insurer_no="01030014")
    async with person_stop(tmp_path, NOON) as stop:
        await stop.feed(*papers.sheets)
        assert await stop.checks() == ["warn read_again"]
        case = await at_office(stop)
    assert (case["fields"]["insured_class"], case["sources"]["insured_class"]) == ("1", "derived")
    assert defects(case) == []


async def test_person_12_ticked_category_2(tmp_path: Path) -> None:
    """The category of yesterday is named with the age by law."""
    papers = expected(2, birth_date="1961-08-22", insured_class="2", specified_disease="13")
    async with person_stop(tmp_path, NOON, papers.due) as stop:
        [item] = await stop.feed(*papers.sheets)
        assert await stop.checks() == ["block class_against_age", "warn document_missing"]
        assert "65歳" in item["defects"][0]["sentence"]


async def test_person_13_has_an_application_pending(tmp_path: Path) -> None:
    """City hall's list says so at the desk, the office shows the other case; it is taken all the same."""
    papers, pending = expected(3), ("0012345603",)
    async with person_stop(tmp_path, NOON, papers.due, pending=pending) as stop:
        earlier = stop.office.case(7, answers={"insured_no": "0012345603"})
        await stop.feed(*papers.sheets)
        assert await stop.checks() == ["warn duplicate_pending"]
        case = await at_office(stop)
    seen = {one["fact"]: one["cases"] for one in case["observations"]}
    assert seen["duplicate"] == [earlier]
    assert (filed(case)[0], defects(case)) == ("2026-08-21", ["warn duplicate_pending"])


async def test_person_13_comes_twice_to_one_stop(tmp_path: Path) -> None:
    """A second application in the same visit is shown as such and not handed in again."""
    papers = expected(3)
    async with person_stop(tmp_path, NOON, papers.due) as stop:
        await stop.feed(*papers.sheets)
        await stop.hand_in()
        [again] = await stop.feed(front(3, "b"), back(3, "b"), card(3, "b"))
        assert again["state"] == "twice"
        assert await stop.checks() == ["warn duplicate_pending"]


async def test_person_14_has_a_number_with_h(tmp_path: Path) -> None:
    """On public assistance, 58 years old, disease 13: no medical insurance is asked for."""
    none = {"medical_insurer_name": "", "medical_insurer_no": "", "number": ""}
    papers = expected(
        5,
        insured_no="H123456789",
        birth_date="1968-05-05",
        insured_class="2",
        specified_disease="13",
        **none,
    )
    async with person_stop(tmp_path, NOON, papers.due) as stop:
        [item] = await stop.feed(*papers.sheets)
        assert (item["state"], await stop.checks()) == ("ready", [])
        case = await at_office(stop)
    assert (case["fields"]["insured_no"], defects(case)) == ("H123456789", [])


async def test_person_15_was_born_on_the_last_day_of_taisho(tmp_path: Path) -> None:
    """The day belongs to two eras, however it is written, and is one day at the office."""
    papers = unexpected(3, {"birth_date": "1926-12-25"}, birth_date="")
    async with person_stop(tmp_path, NOON) as stop:
        await stop.feed(*papers.sheets)
        for written in ("大正15年12月25日", "T15.12.25", "昭和元年12月25日"):
            await stop.type_in({"birth_date": written})
            assert await stop.checks() == ["warn read_again"]
            assert (await stop.applications())[0]["fields"]["birth_date"] == "1926-12-25"
        case = await at_office(stop)
    assert (case["fields"]["birth_date"], defects(case)) == ("1926-12-25", [])


async def test_person_16_is_brought_by_a_group_home(tmp_path: Path) -> None:
    """Its staff are no filing proxy of the Act but may file unpaid: the box is corrected on the spot."""
    papers = expected(6, **{"filer.office_name": "グループホーム白樺"})
    async with person_stop(tmp_path, NOON, papers.due) as stop:
        await stop.feed(*papers.sheets)
        assert await stop.checks() == ["warn filer_not_a_proxy"]
        await stop.type_in({"filer.kind": "その他の代理人"})
        assert await stop.checks() == ["warn field_missing"]
        await stop.type_in({"filer.relation": "入居している施設の職員"})
        assert await stop.checks() == []
        case = await at_office(stop)
    assert (case["fields"]["filer.kind"], defects(case)) == ("unpaid_agent", [])


async def test_person_17_refuses_consent(tmp_path: Path) -> None:
    """That is a right: the application is clean, and the office knows."""
    papers = expected(1, consent_disclosure="no", consent_name="")
    async with person_stop(tmp_path, NOON, papers.due) as stop:
        [item] = await stop.feed(*papers.sheets)
        assert (item["state"], await stop.checks()) == ("ready", ["info consent_refused"])
        case = await at_office(stop)
    assert (case["fields"]["consent_disclosure"], case["blocks"], case["warnings"]) == ("no", 0, 0)


async def test_person_18_has_no_back_page(tmp_path: Path) -> None:
    """It is named, the date is kept, and the office sees what follows."""
    papers = expected(1)
    async with person_stop(tmp_path, NOON, papers.due) as stop:
        [item] = await stop.feed(papers.front, papers.card)
        assert await stop.checks() == ["block document_missing"]
        assert "裏面" in item["defects"][0]["sentence"]
        case = await at_office(stop)
    assert (filed(case)[0], defects(case)) == ("2026-08-21", ["block document_missing"])


async def test_person_18_has_a_blurred_back_page(tmp_path: Path) -> None:
    """Another picture is asked for; with it nothing is left to say."""
    papers, code = expected(1), {"payload": "KN1:032011:R00001:0", "reference": "R00001"}
    blurred = paper("form_back", qr=code, notes=["blurred"])
    async with person_stop(tmp_path, NOON, papers.due) as stop:
        await stop.feed(papers.front, blurred, papers.card)
        assert await stop.checks() == ["warn quality"]
        await stop.press("/sheets/2/retake")
        stop.box.scanner.stack = [papers.back]
        await stop.press("/batch/feed")
        await stop.settled()
        assert await stop.checks() == []
        case = await at_office(stop)
    assert (filed(case)[0], defects(case)) == ("2026-08-21", [])


async def test_person_19_is_an_office_with_ten_cases_and_a_link_that_breaks_twice(
    tmp_path: Path,
) -> None:
    """Two stacks and two cuts within the hour: ten cases, each once, each with the day of its hand-in."""
    start = datetime.now(UTC)
    ends = {"prev_valid_to": _month_end(start.date()).isoformat()}
    people = [due(number, **ends) for number in range(1, 11)]
    async with person_stop(tmp_path, start, people) as stop:
        handed = []
        async with person_road(stop, tmp_path) as road:
            for numbers in (range(1, 6), range(6, 11)):
                sheets = [each for n in numbers for each in (front(n), back(n), card(n))]
                await stop.feed(*sheets, declared=5)
                await stop.press("/batch/confirm-clean")
                async with road.cut_after(20_000):
                    handed += await stop.hand_in()
            await road.all_there()
        cases = await stop.cases(handed)
        arrivals = stop.office.mail.arrivals()
    assert len({case["id"] for case in cases}) == len(arrivals) == 10
    assert {case["filing_policy_used"] for case in cases} == {"bus_receipt"}
    moments = {item["id"]: datetime.fromisoformat(item["filed_at"]) for item in handed}
    assert all(case["filing_date"] == _japanese_day(moments[case["id"]]) for case in cases)
    assert max(moments.values()) < start + timedelta(minutes=60)
    assert road.relay.connections >= 3


async def test_person_20_withdraws_after_the_hand_in(tmp_path: Path) -> None:
    """The wish is left on the record, the case goes on unchanged; once the filer confirmed it, it is noted."""
    papers, wish = expected(1), "ご家族から、この申請を取り下げたいとの申し出がありました。"
    async with person_stop(tmp_path, NOON, papers.due) as stop:
        await stop.feed(*papers.sheets)
        [item] = await stop.hand_in()
        question = re.search(r'name="question" value="(\w+)"', await stop.page("/talk"))
        assert question is not None
        await stop.press("/talk", question=question[1], about=item["id"], text=wish)
        stop.carry(NOON + timedelta(hours=3))
        where = f"/cases/{item['id']}"
        async with stop.office.browser() as browser:
            page = await text(browser, where)
            refused = await post(browser, f"{where}/withdraw", how="withdraw_person")
            sure = {"how": "withdraw_person", "confirmed": "1"}
            taken = await post(browser, f"{where}/withdraw", **sure)
            case = await (await browser.get(f"{where}.json")).json()
    assert wish in page
    assert (refused[0], taken) == (422, (303, f"{where}?done=withdrawn"))
    assert (case["state"], filed(case)[0]) == ("withdrawn", "2026-08-21")
    assert case["fields"]["insured_no"] == "0012345601"


def _month_end(day: date) -> date:
    """Return the last day of the month after the next: open for renewal, no last month yet."""
    first = months_before(day.replace(day=1), -3)
    return first - timedelta(days=1)


def _japanese_day(moment: datetime) -> str:
    return (moment + timedelta(hours=9)).date().isoformat()
