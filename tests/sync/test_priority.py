"""In which order: classes, days left, age; moving and dropping; the limit."""

import pytest

from sync import priority
from sync.envelope import PartRole
from sync.errors import LocalError
from sync.priority import NO_DEADLINE, Rank, Schedule, Urgency, urgency_of

A, B = b"a" * 16, b"b" * 16


def page(age: int, *, deadline: int = NO_DEADLINE, item: int = 2) -> Rank:
    """Return the rank of a page."""
    return Rank(Urgency.PAGE, deadline, age, item)


@pytest.mark.parametrize(
    ("item", "role", "expected"),
    [
        (0, PartRole.RECORD, Urgency.SLIP),
        (1, PartRole.PREVIEW, Urgency.PREVIEW),
        (2, PartRole.PAGE, Urgency.PAGE),
        (3, PartRole.ORIGINAL, Urgency.ORIGINAL),
    ],
)
def test_the_class_follows_the_role(item: int, role: PartRole, expected: Urgency) -> None:
    """Slip, preview, page, original."""
    assert urgency_of(item, role) is expected


def test_an_empty_schedule_has_no_first() -> None:
    """Nothing to send is None."""
    assert Schedule().first() is None


def test_class_goes_before_deadline_before_age() -> None:
    """The ranks sort as the protocol says."""
    ranks = [
        page(0),
        page(9, deadline=100),
        Rank(Urgency.PULLED, NO_DEADLINE, 9, 2),
        Rank(Urgency.PREVIEW, NO_DEADLINE, 9, 1),
        Rank(Urgency.SLIP, NO_DEADLINE, 9, 0),
    ]
    assert sorted(ranks) == ranks[::-1]


def test_a_thing_that_moves_stands_once() -> None:
    """A new rank replaces the old one."""
    schedule = Schedule()
    schedule.put(A, page(1))
    schedule.put(B, page(0))
    schedule.put(A, Rank(Urgency.PULLED, NO_DEADLINE, 1, 2))
    assert (schedule.first(), len(schedule)) == ((A, 2), 2)
    schedule.drop(A, 2)
    assert schedule.first() == (B, 2)
    schedule.drop(B, 2)
    assert (schedule.first(), len(schedule)) == (None, 0)


def test_the_same_rank_twice_changes_nothing() -> None:
    """Putting a thing where it stands is harmless."""
    schedule = Schedule()
    schedule.put(A, page(1))
    schedule.put(A, page(1))
    schedule.drop(A, 2)
    assert schedule.first() is None


def test_dropping_a_stranger_changes_nothing() -> None:
    """Forgetting twice is harmless."""
    schedule = Schedule()
    schedule.put(A, page(1))
    schedule.drop(B, 2)
    assert schedule.first() == (A, 2)


def test_the_limit_holds_and_one_beyond_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """At the limit a known thing may still move; a new one is an error of ours."""
    monkeypatch.setattr(priority, "WORK_LIMIT", 2)
    schedule = Schedule()
    schedule.put(A, page(1))
    schedule.put(B, page(1))
    schedule.put(A, page(0))
    with pytest.raises(LocalError, match="2 things are the limit"):
        schedule.put(A, page(1, item=3))
