"""Test persons 1 to 10 of the trial, from their papers at the desk to what a caseworker reads."""

from pathlib import Path

from tests.support.person_papers import expected, other, unexpected
from tests.support.person_stop import at_office, defects, filed, japan, person_stop

NOON = japan(2026, 8, 21)
CATEGORY_2 = {
    "birth_date": "1968-05-05",
    "insured_class": "2",
    "specified_disease": "13",
    "medical_insurer_name": "全国健康保険協会",
    "medical_insurer_no": "",
}


async def test_person_1_is_clean_with_forty_days_left(tmp_path: Path) -> None:
    """Level 3, category 1: nothing to look at, one press files it, and the day of hand-in counts."""
    papers = expected(1)
    async with person_stop(tmp_path, NOON, papers.due) as stop:
        [item] = await stop.feed(*papers.sheets)
        assert (item["state"], await stop.checks()) == ("ready", [])
        await stop.press("/batch/confirm-clean")
        case = await at_office(stop)
    assert filed(case) == ("2026-08-21", "bus_receipt", "2026-04-01")
    assert (defects(case), case["fields"]["name"]) == ([], "髙﨑　𠮷雄")


async def test_person_2_ends_today_and_the_link_is_dead(tmp_path: Path) -> None:
    """Handed in at 16:55 of the last day, at city hall the next morning: the bus's day counts."""
    papers = expected(1)
    async with person_stop(tmp_path, japan(2026, 9, 30, 16, 55), papers.due) as stop:
        await stop.feed(*papers.sheets)
        assert await stop.checks() == ["info last_day"]
        [item] = await stop.hand_in()
        assert item["transfer"] == "kept"
        stop.carry(japan(2026, 10, 1, 9, 30))
        case = await stop.case(item)
    assert filed(case) == ("2026-09-30", "bus_receipt", "2026-04-01")
    assert case["arrived_at"].startswith("2026-10-01")
    assert case["observations"] == []


async def test_person_3_comes_sixty_one_days_before(tmp_path: Path) -> None:
    """It is said from when to when to book; who insists keeps the date all the same."""
    papers = expected(1)
    async with person_stop(tmp_path, japan(2026, 7, 31), papers.due) as stop:
        [item] = await stop.feed(*papers.sheets)
        assert await stop.checks() == ["block before_window"]
        [flaw] = item["defects"]
        assert flaw["remedy"] == "令和8年8月1日から令和8年9月30日までの訪問を予約してください。"
        case = await at_office(stop)
    assert filed(case)[0] == "2026-07-31"
    assert [one["fact"] for one in case["observations"]] == ["before_window"]


async def test_person_4_expired_yesterday(tmp_path: Path) -> None:
    """The way to a new application and to an unavoidable reason is said; with a reason the city examines it."""
    papers = expected(1)
    async with person_stop(tmp_path, japan(2026, 10, 1), papers.due) as stop:
        [item] = await stop.feed(*papers.sheets)
        assert await stop.checks() == ["block after_expiry"]
        assert "新規" in item["defects"][0]["remedy"]
        assert "災害" in item["defects"][0]["remedy"]
        await stop.type_in({"late_reason": "大雨による避難"})
        assert await stop.checks() == ["warn field_missing", "warn late_with_reason"]
        await stop.type_in({"late_until": "令和8年9月29日"})
        assert await stop.checks() == ["warn late_with_reason"]
        case = await at_office(stop)
    assert filed(case)[0] == "2026-10-01"
    assert (defects(case), case["fields"]["late_reason"]) == (
        ["warn late_with_reason"],
        "大雨による避難",
    )


async def test_person_5_is_insured_by_another_city(tmp_path: Path) -> None:
    """A resident under the domicile exception: the wrong addressee is named at the desk and at the office."""
    papers = unexpected(5, insurer_no="131011")
    async with person_stop(tmp_path, NOON) as stop:
        [item] = await stop.feed(*papers.sheets)
        assert await stop.checks() == ["block other_insurer", "warn read_again"]
        assert "住所地特例" in item["defects"][0]["sentence"]
        case = await at_office(stop)
    assert defects(case) == ["block other_insurer"]
    assert [one["fact"] for one in case["observations"]] == ["wrong_insurer"]


async def test_person_6_is_of_category_2_without_medical_insurer(tmp_path: Path) -> None:
    """Disease 13, but no insurer: its number blocks until it is typed, its paper stays a warning."""
    papers = expected(6, **CATEGORY_2)
    async with person_stop(tmp_path, NOON, papers.due) as stop:
        await stop.feed(*papers.sheets)
        assert await stop.checks() == ["block category2_insurer_missing", "warn document_missing"]
        await stop.type_in({"medical_insurer_no": "０１０３００１４"})
        assert await stop.checks() == ["warn document_missing"]
        case = await at_office(stop)
    assert filed(case)[0] == "2026-08-21"
    assert case["fields"]["medical_insurer_no"] == "01030014"
    assert case["fields"]["specified_disease"] == "13"


async def test_person_7_is_in_hospital_without_physician(tmp_path: Path) -> None:
    """The city learns that it cannot ask for the opinion, and that the survey is not at home."""
    blank = {"physician.name": "", "physician.hospital": ""}
    stay = {"current_place.kind": "hospital", "current_place.name": "朝日野総合病院"}
    papers = expected(3, **blank, **stay)
    async with person_stop(tmp_path, NOON, papers.due) as stop:
        await stop.feed(*papers.sheets)
        told = ["warn in_hospital_survey_at_home", "warn physician_missing"]
        assert await stop.checks() == told
        await stop.type_in({"survey.place": "hospital"})
        assert await stop.checks() == ["warn physician_missing"]
        case = await at_office(stop)
    assert (filed(case)[0], defects(case)) == ("2026-08-21", ["warn physician_missing"])


async def test_person_8_lost_the_certificate(tmp_path: Path) -> None:
    """The remedy names the form for a new one; once a paper is named so, nothing is missing."""
    papers = expected(4)
    async with person_stop(tmp_path, NOON, papers.due) as stop:
        [item] = await stop.feed(papers.front, papers.back, other("再交付申請書"))
        assert await stop.checks() == ["block document_missing"]
        assert "再交付申請書" in item["defects"][0]["remedy"]
        await stop.press("/sheets/3/move", application=item["id"])
        assert "再交付申請書" in await stop.page(f"/applications/{item['id']}")
        await stop.press("/sheets/3/name", kind="reissue_form")
        assert await stop.checks() == []
        case = await at_office(stop)
    assert [sheet["kind"] for sheet in case["sheets"]] == [
        "form_front",
        "form_back",
        "reissue_form",
    ]
    assert (defects(case), case["custody"]) == ([], "with_filer")


async def test_person_8_comes_without_any_paper_for_it(tmp_path: Path) -> None:
    """The date is kept; what is missing goes along."""
    papers = expected(4)
    async with person_stop(tmp_path, NOON, papers.due) as stop:
        await stop.feed(papers.front, papers.back)
        case = await at_office(stop)
    assert (filed(case)[0], defects(case)) == ("2026-08-21", ["block document_missing"])


async def test_person_9_has_a_name_and_an_address_of_rare_signs(tmp_path: Path) -> None:
    """A variation selector, 𠮷, －, 〜: the office reads code point for code point what the list had."""
    name, address = "髙﨑\U000e0100　𠮷雄", "岩手県盛岡市見本町１－２〜３"
    papers = expected(1, name=name, consent_name=name, address=address)
    async with person_stop(tmp_path, NOON, papers.due) as stop:
        await stop.feed(*papers.sheets)
        assert await stop.checks() == []
        case = await at_office(stop)
    assert (case["fields"]["name"], case["fields"]["address"]) == (name, address)
    assert defects(case) == []


async def test_person_10_is_no_certified_person(tmp_path: Path) -> None:
    """事業対象者 cannot be renewed: a new application is named, the papers are taken all the same."""
    papers = expected(4, prev_result="06")
    async with person_stop(tmp_path, NOON, papers.due) as stop:
        [item] = await stop.feed(*papers.sheets)
        assert await stop.checks() == ["block not_certified"]
        assert "新規の申請書" in item["defects"][0]["remedy"]
        case = await at_office(stop)
    assert (filed(case)[0], defects(case)) == ("2026-08-21", ["block not_certified"])
