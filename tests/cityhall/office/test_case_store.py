from dataclasses import replace
from datetime import date, timedelta

import pytest

from cityhall.office.case_store import CaseNotFoundError, Decision
from cityhall.office.cases import CaseEvent, CaseMoveError, CaseState
from cityhall.office.entry import ArrivalFacts
from cityhall.office.inbox import Entry, View
from sync.record import Answer, Record
from tests.support.makers import make_id, make_record
from tests.support.office_world import OfficeWorld, a_defect, make_answers

FIRST = make_id(0).hex()


def arrival(n: int = 0, *, pages_here: int = 1, complete: bool = True) -> ArrivalFacts:
    """Return what the shelf says of envelope number n."""
    return ArrivalFacts(
        serial=n + 1,
        moved=n + 1,
        env_id=make_id(500 + n),
        device="bus-07",
        filing_no=f"R8-00000{n + 1}",
        log_index=n,
        received_at=make_record(0).filing.handed_in_at + timedelta(minutes=10 + n),
        pages=1,
        pages_here=pages_here,
        complete=complete,
    )


def record(n: int = 0, **answers: str) -> Record:
    """Return record number n with these answers."""
    return make_record(n, answers=make_answers(n, answers))


def supplement(n: int = 1, **answers: str) -> Record:
    """Return a second version of the first case."""
    return replace(record(n, **answers), completes_case=make_id(0))


def entry(world: OfficeWorld) -> Entry:
    """Return the first case."""
    found = world.inbox.entry(FIRST)
    assert found is not None
    return found


def decision(event: CaseEvent) -> Decision:
    """Return a decision of a caseworker."""
    return Decision("sato", make_record(0).filing.handed_in_at, event)


def test_a_record_becomes_a_case_under_its_own_id(world: OfficeWorld) -> None:
    """A case is bound to the record's id."""
    assert world.store.take(record(), arrival()) == FIRST
    assert entry(world).case.state == CaseState.HANDED_IN.value


def test_the_same_arrival_twice_is_one_case(world: OfficeWorld) -> None:
    """Everything comes twice and does no harm."""
    for _ in range(2):
        world.store.take(record(), arrival())
    assert len(entry(world).versions) == len(world.inbox.entries(View.ALL)) == 1


def test_a_second_version_joins_its_case(world: OfficeWorld) -> None:
    """What completes a case is no new case."""
    world.store.take(record(), arrival())
    world.store.take(supplement(), arrival(1))
    assert [version.number for version in entry(world).versions] == [1, 2]


def test_a_second_version_moves_the_case_back_to_the_inbox(world: OfficeWorld) -> None:
    """A correction that came home waits for a look."""
    world.store.take(record(), arrival())
    world.store.decide(FIRST, decision(CaseEvent.REQUEST_CORRECTION), answer_by=date(2026, 12, 8))
    world.store.take(supplement(), arrival(1))
    assert (entry(world).case.state, entry(world).case.answer_by) == ("corrected", None)


def test_the_first_hand_in_keeps_the_filing_date(world: OfficeWorld) -> None:
    """A protective hand-in keeps its day; the correction does not move it."""
    world.store.take(record(), arrival())
    late = supplement()
    late = replace(
        late,
        filing=replace(late.filing, handed_in_at=late.filing.handed_in_at + timedelta(days=9)),
    )
    world.store.take(late, arrival(1))
    assert (entry(world).case.filing_day, entry(world).case.filing_no) == (
        date(2026, 11, 24),
        "R8-000001",
    )


def test_the_newest_version_gives_what_was_read(world: OfficeWorld) -> None:
    """The inbox shows the corrected number."""
    world.store.take(record(insured_no="1111111112"), arrival())
    world.store.take(supplement(insured_no="1111111113"), arrival(1))
    assert entry(world).case.insured_no == "1111111113"


def one_page() -> Record:
    """Return the missing page of the first application, with its number and nothing else."""
    return replace(supplement(), answers=(Answer("insured_no", "1111111112", "policy"),))


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_one_page_keeps_who_it_is_and_until_when(
    world: OfficeWorld, order: tuple[int, int]
) -> None:
    """A correction need not say again what the case knows, whichever arrives first."""
    both = (record(insured_no="1111111112", prev_valid_to="2026-12-31"), one_page())
    for number in order:
        world.store.take(both[number], arrival(number))
    case = entry(world).case
    assert (case.name, case.insured_no, case.expiry) == (
        "髙﨑　𠮷雄",
        "1111111112",
        date(2026, 12, 31),
    )
    assert case.case_id == FIRST


def test_versions_may_arrive_in_any_order(world: OfficeWorld) -> None:
    """The second version first gives the same case as the right order."""
    world.store.take(supplement(insured_no="1111111113"), arrival(1))
    world.store.take(record(insured_no="1111111112"), arrival(0))
    case = entry(world).case
    assert (case.insured_no, case.filing_no, case.state) == ("1111111113", "R8-000001", "corrected")


def test_the_three_instants_are_kept_apart(world: OfficeWorld) -> None:
    """Handed in, arrived, registered: three columns, the last empty until somebody registers."""
    world.store.take(record(), arrival())
    case = entry(world).case
    assert case.handed_in_at < case.arrived_at
    assert case.registered_at is None


def test_accepting_sets_the_third_instant(world: OfficeWorld) -> None:
    """Only the decision registers."""
    world.store.take(record(), arrival())
    made = decision(CaseEvent.ACCEPT)
    world.store.decide(FIRST, made)
    assert entry(world).case.registered_at == made.at


def test_a_move_that_is_not_allowed_changes_nothing(world: OfficeWorld) -> None:
    """The second accept raises; state and history stay."""
    world.store.take(record(), arrival())
    world.store.decide(FIRST, decision(CaseEvent.ACCEPT))
    with pytest.raises(CaseMoveError):
        world.store.decide(FIRST, decision(CaseEvent.ACCEPT))
    assert [one.event for one in world.inbox.decisions(FIRST)] == ["accept"]


def test_a_case_nobody_knows_cannot_be_decided(world: OfficeWorld) -> None:
    """A wrong address is said, not swallowed."""
    with pytest.raises(CaseNotFoundError):
        world.store.decide(FIRST, decision(CaseEvent.ACCEPT))


def test_progress_is_noted(world: OfficeWorld) -> None:
    """Pages that arrive later are counted."""
    world.store.take(record(), arrival(pages_here=0, complete=False))
    assert world.store.progress(arrival())
    assert (entry(world).pages_here, entry(world).complete) == (1, True)


def test_a_number_that_could_not_be_given_back_is_changed(world: OfficeWorld) -> None:
    """Of the case when it is the first hand-in's, and of its version; a later version's moves no case's number."""
    world.store.take(record(), arrival())
    world.store.take(supplement(), arrival(1))
    world.store.progress(replace(arrival(1), filing_no="R8-010002"))
    assert entry(world).case.filing_no == arrival().filing_no
    world.store.progress(replace(arrival(), filing_no="R8-010001", log_index=70))
    found = entry(world)
    assert found.case.filing_no == "R8-010001"
    assert {one.filing_no for one in found.versions} == {"R8-010001", "R8-010002"}


def test_progress_of_a_stranger_is_no_progress(world: OfficeWorld) -> None:
    """An envelope that was never opened has to be opened first."""
    assert not world.store.progress(arrival())


def test_the_place_on_the_shelf_only_moves_on(world: OfficeWorld) -> None:
    """An older step taken again does not turn the reading back."""
    world.store.skip(7)
    world.store.skip(3)
    assert world.store.read_up_to() == 7


def test_an_arrival_that_did_not_open_is_remembered(world: OfficeWorld) -> None:
    """Nothing that arrived is dropped silently."""
    world.store.trouble(arrival(), "open.failed")
    assert [one.env_id for one in world.inbox.troubles()] == [make_id(500).hex()]


def test_a_trouble_that_opened_later_is_over(world: OfficeWorld) -> None:
    """After the key came, the red line goes away by itself."""
    world.store.trouble(arrival(), "open.failed")
    world.store.take(record(), arrival())
    assert world.inbox.troubles() == []


@pytest.mark.parametrize(
    ("text", "expected"), [("2026-12-31", date(2026, 12, 31)), ("", None), ("令和8年", None)]
)
def test_the_expiry_is_a_day_or_unknown(
    world: OfficeWorld, text: str, expected: date | None
) -> None:
    """What is no day is unknown, never guessed."""
    world.store.take(record(prev_valid_to=text), arrival())
    assert entry(world).case.expiry == expected


def test_defects_are_counted_by_their_weight(world: OfficeWorld) -> None:
    """The inbox shows how many must be corrected and how many looked at."""
    defects = [a_defect(), a_defect(severity="warn"), a_defect(severity="info")]
    world.store.take(make_record(0, answers=make_answers(0), defects=defects), arrival())
    assert (entry(world).case.blocks, entry(world).case.warnings) == (1, 1)


def test_the_inbox_is_in_deadline_order(world: OfficeWorld) -> None:
    """Whose deadline is nearest stands first, whenever it arrived."""
    for n, expiry in enumerate(["2026-12-20", "2026-11-30", "2027-01-31"]):
        world.store.take(record(n, prev_valid_to=expiry), arrival(n))
    found = [one.case.expiry for one in world.inbox.entries(View.WAITING)]
    assert found == [date(2026, 11, 30), date(2026, 12, 20), date(2027, 1, 31)]


def test_the_cases_beside_follow_the_same_order(world: OfficeWorld) -> None:
    """Next and previous walk the inbox as it is drawn."""
    for n, expiry in enumerate(["2026-12-20", "2026-11-30", "2026-12-22"]):
        world.store.take(record(n, prev_valid_to=expiry), arrival(n))
    assert world.inbox.beside(entry(world).case) == (make_id(1).hex(), make_id(2).hex())


def test_at_the_ends_there_is_nothing_beside(world: OfficeWorld) -> None:
    """A single case has no neighbours."""
    world.store.take(record(), arrival())
    assert world.inbox.beside(entry(world).case) == (None, None)


def test_decided_cases_leave_the_waiting_view(world: OfficeWorld) -> None:
    """The tabs count by state."""
    world.store.take(record(), arrival())
    world.store.take(record(1), arrival(1))
    world.store.decide(FIRST, decision(CaseEvent.ACCEPT))
    counts = world.inbox.counts()
    assert [counts[view] for view in View] == [1, 0, 1, 2]


def test_pending_cases_of_the_same_person_are_duplicates(world: OfficeWorld) -> None:
    """Both are shown; none is refused."""
    world.store.take(record(insured_no="1111111111"), arrival())
    world.store.take(record(1, insured_no="1111111111"), arrival(1))
    assert [one.case_id for one in world.inbox.duplicates(entry(world).case)] == [make_id(1).hex()]
    assert world.inbox.duplicated(["1111111111", "2222222222"]) == {"1111111111"}


def test_a_withdrawn_case_is_no_duplicate(world: OfficeWorld) -> None:
    """What was taken back does not count any more."""
    world.store.take(record(insured_no="1111111111"), arrival())
    world.store.take(record(1, insured_no="1111111111"), arrival(1))
    world.store.decide(make_id(1).hex(), decision(CaseEvent.WITHDRAW))
    assert world.inbox.duplicates(entry(world).case) == []


def test_cases_without_a_number_are_nobodys_duplicates(world: OfficeWorld) -> None:
    """Two unreadable numbers are not the same person."""
    world.store.take(record(insured_no=""), arrival())
    world.store.take(record(1, insured_no=""), arrival(1))
    assert world.inbox.duplicates(entry(world).case) == []
    assert world.inbox.duplicated(["", ""]) == frozenset()


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("髙﨑", True),
        ("R8-000001", True),
        ("0000", True),
        ("きたの丘", True),
        ("佐藤", False),
        ("%", False),
        ("_", False),
    ],
)
def test_search_looks_into_the_opened_fields(world: OfficeWorld, search: str, found: bool) -> None:  # noqa: FBT001 - a table's cell
    """Name, number, filing number, provider; a wildcard is an ordinary sign."""
    world.store.take(record(), arrival())
    assert bool(world.inbox.entries(View.ALL, search=search)) is found


def test_a_large_inbox_is_read_page_by_page(world: OfficeWorld) -> None:
    """Limit and skip walk through without gap or double."""
    for n in range(5):
        world.store.take(record(n), arrival(n))
    pages = [world.inbox.entries(View.ALL, skip=skip, limit=2) for skip in (0, 2, 4)]
    assert [one.case.serial for page in pages for one in page] == [1, 2, 3, 4, 5]


def test_each_supplement_has_its_own_number(world: OfficeWorld) -> None:
    """The first hand-in is version 1, what completes it counts on."""
    world.store.take(record(), arrival())
    for n in (1, 2):
        world.store.take(supplement(n), arrival(n))
    assert [version.number for version in entry(world).versions] == [1, 2, 3]


@pytest.mark.parametrize("written", ["0001-01-01", "9999-12-31"])
def test_an_expiry_nobody_can_count_from_is_none(world: OfficeWorld, written: str) -> None:
    """A bus may send any day: the case comes in without an expiry, and its page can be drawn."""
    world.store.take(record(prev_valid_to=written), arrival())
    assert entry(world).case.expiry is None
