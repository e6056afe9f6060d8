"""A case that comes back for one page, and tells the next one: desk, shelf, office and back, no process started."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from appliance.desk.counter import Counter
from cityhall.office.casework import Who
from cityhall.office.correspondence import Wanted
from cityhall.office.inbox import View
from cityhall.office.packs import with_last_cases
from tests.support.both_ends import BothEnds
from tests.support.counterworld import CounterWorld, settled
from tests.support.madeup_papers import back, card, due, front, paper

SATO = Who("sato", "127.0.0.1")
WANTED = Wanted(
    "page_missing", "裏面をお持ちください。", ("form_back",), ("physician.name",), date(2026, 9, 10)
)


@pytest.fixture
def ends(tmp_path: Path) -> Iterator[BothEnds]:
    """Give both ends, with one pack on board: the first person is due, no physician known."""
    bus = CounterWorld(tmp_path / "box").enrol()
    mail = bus.open_mail()
    made = BothEnds(bus, mail, tmp_path / "hall")
    made.post_pack(bus.pack(due(1, **{"physician.name": "", "survey.contact": ""})))
    made.down()
    yield made
    made.close()
    mail.close()


async def hand_in(ends: BothEnds, counter: Counter, *sheets: bytes) -> str:
    """Feed these sheets, look at what they give, hand in, and bring it to city hall; returns the record's id."""
    ends.bus.scanner.stack = list(sheets)
    tray = counter.on_tray()
    await tray.feed()
    await settled(counter)
    (item,) = counter.opened().current().applications
    await tray.confirm(item.app_id)
    await tray.hand_in(counter.stop_here(), protective=True)
    ends.up()
    return item.app_id


async def test_one_missing_page_comes_later_and_keeps_its_case(ends: BothEnds) -> None:
    """Protective hand-in, correction request, the page and an answer alone, the same case: whole, named and dated."""
    counter = await ends.bus.opened(ends.mail)
    await counter.on_tray().declare(1, "")
    case_id = await hand_in(ends, counter, front(1), card(1))
    assert ends.casework.entry(case_id).case.state == "handed_in"
    filed = ends.casework.entry(case_id).case.filing_day
    ends.casework.correct(case_id, SATO, WANTED)
    ends.down()
    (asked,) = await counter.on_tray().corrections()
    assert asked.content.case_id.hex() == case_id
    await counter.on_tray().start_correction(asked.content.request_id.hex())
    told = paper("form_back", word="late", fields=[("physician.name", "及川　章", 0.9)])
    record_id = await hand_in(ends, counter, told)
    assert counter.opened().current().applications[0].who == "髙﨑　○○"
    await counter.stop()
    assert record_id != case_id
    assert [entry.case.case_id for entry in ends.hall.inbox.entries(View.ALL)] == [case_id]
    entry, dossier = ends.casework.read(case_id, SATO)
    assert (entry.case.state, len(entry.versions), entry.case.answer_by) == ("corrected", 2, None)
    assert (entry.case.name, entry.case.filing_day) == ("髙﨑　𠮷雄", filed)
    assert [sheet.note.kind for sheet in dossier.sheets] == [
        "form_front",
        "insurance_card",
        "form_back",
    ]
    said = {field.answer.key: field.answer.value for field in dossier.fields}
    assert (said["physician.name"], said["birth_date"]) == ("及川　章", "1937-12-25")
    assert "form_back" not in {defect.field for defect in dossier.defects}
    ends.casework.accept(case_id, SATO, versions_seen=2)


async def test_the_same_page_fed_twice_is_one_version(ends: BothEnds) -> None:
    """The request is answered; what is carried again joins nothing twice."""
    counter = await ends.bus.opened(ends.mail)
    await counter.on_tray().declare(1, "")
    case_id = await hand_in(ends, counter, front(1), card(1))
    ends.casework.correct(case_id, SATO, WANTED)
    ends.down()
    (asked,) = await counter.on_tray().corrections()
    await counter.on_tray().start_correction(asked.content.request_id.hex())
    await hand_in(ends, counter, paper("form_back", word="late"))
    ends.up()
    ends.down()
    assert len(ends.casework.entry(case_id).versions) == 2
    assert [one.done for one in await counter.on_tray().corrections()] == [True]
    await counter.stop()


async def test_the_accepted_case_tells_the_next_visit(ends: BothEnds) -> None:
    """Physician and contact come with the next pack, say that they are the last case's, and ask for a look."""
    counter = await ends.bus.opened(ends.mail)
    await counter.on_tray().declare(1, "")
    said = [("physician.name", "及川　章", 0.95), ("survey.contact", "髙﨑　隆", 0.95)]
    first = paper(
        "form_front",
        fields=[("insured_no", "0012345601", 0.99), ("birth_date", "1937-12-25", 0.95), *said],
    )
    case_id = await hand_in(ends, counter, first, back(1), card(1))
    ends.casework.accept(case_id, SATO)
    await counter.stop()
    person = due(1, **{"physician.name": "", "survey.contact": ""})
    made = with_last_cases(
        ends.bus.pack(person, stop="minami"),
        lambda number: ends.last_cases.of("care-renewal", number, SATO),
    )
    assert (made.carried, made.left_out) == (1, 0)
    last = made.pack.due[0].last
    assert last is not None
    assert ("physician.name", "及川　章") in last.answers
    assert not {"consent_disclosure", "birth_date", "individual_no"} & set(dict(last.answers))
    ends.post_pack(replace(made.pack, pack_id=bytes(15) + b"2"))
    ends.down()
    again = await ends.bus.opened(ends.mail, "minami")
    await again.on_tray().declare(1, "")
    plain = paper("form_front", fields=[("insured_no", "0012345601", 0.99)], word="next year")
    ends.bus.scanner.stack = [plain]
    await again.on_tray().feed()
    await settled(again)
    (item,) = again.opened().current().applications
    answer = next(one for one in item.answers if one.key == "physician.name")
    assert (answer.value, answer.source) == ("及川　章", "last_case")
    assert "carried" in {flaw.check for flaw in item.flaws if flaw.field == "physician.name"}
    await again.stop()
