from dataclasses import replace
from datetime import date, timedelta

import pytest

from cityhall.mail.downwards import TrayFullError
from cityhall.office.case_store import CaseNotFoundError
from cityhall.office.cases import CaseMoveError
from cityhall.office.casework import NewerVersionError, PageAwayError
from cityhall.office.correspondence import (
    LONGEST_SENTENCE,
    MOST_NAMED,
    CorrectionError,
    Wanted,
    post_visit_pack,
)
from cityhall.office.keyring import UnknownDeviceError
from sync.envelope import PartRole
from sync.letters import CorrectionRequest, DueEntry, VisitPack, decode_letter
from sync.seal import open_record
from sync.verify import read_header
from tests.support.makers import (
    DEVICE,
    OFFICE,
    READING,
    ROOT,
    make_bundle,
    make_device,
    make_id,
    make_opening_key,
    make_record,
    make_signer,
)
from tests.support.office_world import CASEWORKER, OfficeWorld, Page, make_answers
from tests.support.roots import bundle_text

TWO = (Page(page=b"one"), Page("form_back", b"two", b"small two"))
WANTED = Wanted(
    "page_missing", "裏面をお持ちください。", ("form_back",), ("physician.name",), date(2026, 12, 8)
)


def letter(world: OfficeWorld) -> CorrectionRequest:
    """Open the only letter in the bus's tray with the desk's key."""
    (letter_id,) = world.mail.letters_for(DEVICE)
    found = world.mail.letter(DEVICE, letter_id)
    assert found is not None
    request = decode_letter(
        open_record(found.body, make_opening_key(READING), make_signer(OFFICE).public)
    )
    assert isinstance(request, CorrectionRequest)
    return request


def actions(world: OfficeWorld) -> list[str]:
    """Return a case's audit actions, oldest first, without its arrival."""
    lines = world.audit.lines(case_id=make_id(0).hex())
    return [line.action for line in reversed(lines)]


def test_reading_a_case_opens_it_for_one_person(world: OfficeWorld) -> None:
    """One line in the audit, then the record."""
    case = world.case()
    _, dossier = world.casework.read(case, CASEWORKER)
    assert dossier.record.record_id == make_id(0)
    assert actions(world) == ["case.opened"]


def test_a_case_nobody_knows_is_not_found(world: OfficeWorld) -> None:
    """No audit line for what is not there."""
    with pytest.raises(CaseNotFoundError):
        world.casework.read("00" * 16, CASEWORKER)
    assert world.audit.lines() == []


def test_a_page_is_shown_when_it_is_here(world: OfficeWorld) -> None:
    """Sheet by sheet, with its own audit line."""
    case = world.case(pages=TWO)
    assert world.casework.picture(case, 1, CASEWORKER, PartRole.PAGE).data == b"two"
    assert actions(world) == ["page.shown"]


def test_a_page_on_the_road_is_away(world: OfficeWorld) -> None:
    """It is asked for instead; nothing was shown, so nothing is written."""
    case = world.case(pages=TWO, here=[0, 1])
    with pytest.raises(PageAwayError):
        world.casework.picture(case, 0, CASEWORKER, PartRole.PAGE)
    assert actions(world) == []


@pytest.mark.parametrize("number", [-1, 2])
def test_a_sheet_that_is_not_there_is_not_found(world: OfficeWorld, number: int) -> None:
    """Numbers beyond the case lead nowhere."""
    case = world.case(pages=TWO)
    with pytest.raises(CaseNotFoundError):
        world.casework.picture(case, number, CASEWORKER, PartRole.PREVIEW)


def test_an_original_waits_for_the_depot_or_is_pulled(world: OfficeWorld) -> None:
    """All pages are here and the case can be decided; the original is asked for as a part of its own."""
    case = world.case(pages=[Page(original=b"sharp")], here=[0, 1])
    with pytest.raises(PageAwayError):
        world.casework.picture(case, 0, CASEWORKER, PartRole.ORIGINAL)
    assert world.casework.pull(case, 0, CASEWORKER, PartRole.ORIGINAL)
    assert world.mail.pulls(DEVICE) == [(make_id(0), 2)]
    assert actions(world) == ["original.pulled"]
    assert world.casework.entry(case).pages_here == 1


def test_pulling_asks_the_bus_for_that_page(world: OfficeWorld) -> None:
    """The shelf holds the wish by part number: page two is part three."""
    case = world.case(pages=TWO, here=[0, 1])
    assert world.casework.pull(case, 1, CASEWORKER)
    assert world.mail.pulls(DEVICE) == [(make_id(0), 3)]


def test_pulling_twice_or_what_is_here_is_harmless(world: OfficeWorld) -> None:
    """A second click asks for nothing more."""
    case = world.case(pages=TWO, here=[0, 1, 2])
    assert world.casework.pull(case, 1, CASEWORKER)
    assert not world.casework.pull(case, 1, CASEWORKER)
    assert not world.casework.pull(case, 0, CASEWORKER)


def test_accepting_writes_first_and_moves_then(world: OfficeWorld) -> None:
    """The audit line stands before the state changes."""
    case = world.case()
    world.casework.accept(case, CASEWORKER, versions_seen=1)
    assert actions(world) == ["case.accept"]
    assert world.casework.entry(case).case.state == "accepted"


def test_accepting_twice_is_refused_and_said_in_the_audit(world: OfficeWorld) -> None:
    """The second one leaves the state and a line."""
    case = world.case()
    world.casework.accept(case, CASEWORKER)
    with pytest.raises(CaseMoveError):
        world.casework.accept(case, CASEWORKER)
    assert actions(world) == ["case.accept", "case.accept", "move.refused"]


def test_a_version_nobody_looked_at_is_not_accepted(world: OfficeWorld) -> None:
    """What arrived after the screen was drawn is looked at first."""
    case = world.case()
    later = replace(make_record(1, answers=make_answers(1)), completes_case=make_id(0))
    world.hand_in(1, record=later)
    world.arrivals.take_all()
    with pytest.raises(NewerVersionError):
        world.casework.accept(case, CASEWORKER, versions_seen=1)


def test_a_correction_reaches_the_desks_key_and_nobody_else(world: OfficeWorld) -> None:
    """Sealed for the reading key of the bus that brought the case, signed by the office."""
    case = world.case()
    world.casework.correct(case, CASEWORKER, WANTED)
    request = letter(world)
    assert (request.case_id, request.reason, request.missing, request.fields) == (
        make_id(0),
        "page_missing",
        ("form_back",),
        ("physician.name",),
    )


def test_a_correction_masks_the_name(world: OfficeWorld) -> None:
    """The provider knows whom it means; a lost letter does not tell."""
    world.casework.correct(world.case(), CASEWORKER, WANTED)
    assert letter(world).masked_name == "髙﨑　○○"


def test_a_correction_moves_the_case_and_keeps_the_day(world: OfficeWorld) -> None:
    """The inbox shows until when the answer is awaited."""
    case = world.case()
    world.casework.correct(case, CASEWORKER, WANTED)
    row = world.casework.entry(case).case
    assert (row.state, row.answer_by) == ("correction_requested", date(2026, 12, 8))


def full_tray(*_words: object) -> bool:
    """Answer as a tray does that is full."""
    raise TrayFullError("full")


def test_a_correction_is_kept_before_it_is_posted(world: OfficeWorld) -> None:
    """A full tray loses nothing; the next round posts it, once."""
    case, post = world.case(), world.mail.post_letter
    world.mail.post_letter = full_tray  # type: ignore[method-assign, assignment]
    world.casework.correct(case, CASEWORKER, WANTED)
    assert len(world.store.unposted()) == 1
    world.mail.post_letter = post  # type: ignore[method-assign]
    assert [world.casework.post_waiting() for _ in range(2)] == [1, 0]
    assert letter(world).case_id == make_id(0)


def test_a_correction_in_the_wrong_state_posts_nothing(world: OfficeWorld) -> None:
    """A registered case is not asked about again."""
    case = world.case()
    world.casework.accept(case, CASEWORKER)
    with pytest.raises(CaseMoveError):
        world.casework.correct(case, CASEWORKER, WANTED)
    assert world.mail.letters_for(DEVICE) == []
    assert world.store.unposted() == []


def test_the_answer_of_a_correction_joins_the_case(world: OfficeWorld) -> None:
    """Ask, capture the missing page, look again, register: the whole loop."""
    case = world.case()
    world.casework.correct(case, CASEWORKER, WANTED)
    answer = replace(make_record(1, answers=make_answers(1)), completes_case=make_id(0))
    world.hand_in(1, record=answer, pages=[Page("form_back", b"back", b"small")])
    world.arrivals.take_all()
    _, dossier = world.casework.read(case, CASEWORKER)
    assert [sheet.note.kind for sheet in dossier.sheets] == ["form_front", "form_back"]
    assert world.casework.picture(case, 1, CASEWORKER, PartRole.PAGE).data == b"back"
    world.casework.accept(case, CASEWORKER, versions_seen=2)
    assert world.casework.entry(case).case.state == "accepted"


@pytest.mark.parametrize(
    "wrong",
    [
        replace(WANTED, reason="because"),
        replace(WANTED, sentence="  "),
        replace(WANTED, sentence="x" * (LONGEST_SENTENCE + 1)),
        replace(WANTED, fields=("x",) * MOST_NAMED),
    ],
)
def test_fail__corrections_nobody_could_understand(world: OfficeWorld, wrong: Wanted) -> None:
    """A reason of the list, a sentence of some length, a handful of things."""
    case = world.case()
    with pytest.raises(CorrectionError):
        world.casework.correct(case, CASEWORKER, wrong)
    assert world.casework.entry(case).case.state == "handed_in"


def test_ok__the_longest_sentence_and_the_most_things(world: OfficeWorld) -> None:
    """At the limits it is sent."""
    widest = replace(
        WANTED,
        sentence="字" * LONGEST_SENTENCE,
        missing=(),
        fields=("survey.contact",) * MOST_NAMED,
    )
    world.casework.correct(world.case(), CASEWORKER, widest)
    assert letter(world).sentence == "字" * LONGEST_SENTENCE


def pack() -> VisitPack:
    """Return the pack of one stop with one person due."""
    start = make_record(0).filing.handed_in_at
    return VisitPack(
        pack_id=make_id(77),
        run="2026-11-25-a",
        stop="kita-2",
        vehicle="bus-07",
        provider_no="0370199010",
        provider_name="わかば居宅介護支援事業所",
        starts_at=start,
        ends_at=start + timedelta(hours=1),
        designated_counter=True,
        officer_id="S-014",
        due=(DueEntry("R8-1", "1000000000", (("name", "髙﨑　𠮷雄"),)),),
    )


def test_a_visit_pack_reaches_its_desk_sealed(world: OfficeWorld) -> None:
    """Posted once, opened by the desk's key only, bound to the visit."""
    letter_id = post_visit_pack(
        world.mail,
        pack(),
        make_bundle(),
        make_signer(OFFICE),
        DEVICE,
        world.clock,
        world.random,
    )
    found = world.mail.letter(DEVICE, letter_id)
    assert found is not None
    opened = open_record(found.body, make_opening_key(READING), make_signer(OFFICE).public)
    assert decode_letter(opened) == pack()
    header = read_header(found.body)
    assert (header.sender, header.kind, header.visit) == ("office", "visit_pack", make_id(77))


def test_fail__a_visit_pack_for_a_box_nobody_enrolled(world: OfficeWorld) -> None:
    """Without a reading key there is nothing to seal for."""
    with pytest.raises(UnknownDeviceError, match="bus-99"):
        post_visit_pack(
            world.mail,
            pack(),
            make_bundle(),
            make_signer(OFFICE),
            "bus-99",
            world.clock,
            world.random,
        )


def test_a_box_enrolled_while_the_office_runs_is_known(world: OfficeWorld) -> None:
    """The bundle file is read again when it changes."""
    new = make_bundle(2, devices=[make_device(), make_device("bus-08", signer=77, reading=78)])
    world.bundle_path.write_text(bundle_text(new, ROOT))
    assert world.keyring.device("bus-08").name == "bus-08"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        bundle_text(make_bundle(2), ROOT).replace("a", "b"),
        bundle_text(make_bundle(2), 78),
    ],
)
def test_a_broken_bundle_file_is_passed_over(world: OfficeWorld, text: str) -> None:
    """A half-written file, or one of another root, does not take the keys away."""
    world.bundle_path.write_text(text)
    assert world.keyring.device(DEVICE).name == DEVICE
    assert world.keyring.bundle() == make_bundle()


def test_an_older_bundle_does_not_come_back(world: OfficeWorld) -> None:
    """A revoked box is not let in again by yesterday's file."""
    newer = make_bundle(5, devices=[make_device(revoked=True)])
    world.bundle_path.write_text(bundle_text(newer, ROOT))
    assert world.keyring.bundle().version == 5
    world.bundle_path.write_text(bundle_text(make_bundle(1), ROOT))
    assert world.keyring.device(DEVICE).revoked
