"""City hall's shelf files once, numbers once, logs once; on one machine and beyond."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cityhall.mail.arrivals import Slip
from cityhall.mail.database import SHELF
from cityhall.mail.models import PartState
from cityhall.mail.store import HallMail
from cityhall.mail.times import fiscal_year
from keeping.database import Database, NewerSchemaError
from sync.envelope import PartRole
from sync.merkle import EMPTY_ROOT
from tests.support.makers import make_envelope, make_id, make_parts
from tests.support.shelf import AT, BOX, OpenMail, file, stage_1


def test_an_empty_shelf(mail: HallMail) -> None:
    """Nothing arrived, the log is empty."""
    assert (mail.arrivals(), mail.log_size(), mail.log_root(0), mail.changed()) == (
        [],
        0,
        EMPTY_ROOT,
        0,
    )
    assert (mail.answer(make_id()), mail.arrival(make_id())) == (None, None)


def test_a_slip_gets_number_leaf_and_receipt(mail: HallMail) -> None:
    """All in one transaction; the office sees it at once with its parts still missing."""
    sealed = make_envelope()
    answer = file(mail, sealed)
    assert (answer.filing_no, answer.log_index, answer.fresh) == ("R8-000001-4", 0, True)
    assert answer.receipt == b"1 R8-000001-4 0"
    [seen] = mail.arrivals()
    assert (seen.device, seen.kind, seen.received_at, seen.complete) == (
        "bus-07",
        "application",
        AT,
        False,
    )
    assert seen.parts == tuple(
        PartState(part.index, part.role, part.length, arrived=False) for part in sealed.header.parts
    )
    assert mail.slip(sealed.env_id) == sealed.slip
    assert mail.arrival(sealed.env_id) == seen


def test_the_same_slip_twice_is_one_filing(mail: HallMail) -> None:
    """The same answer, at any later time."""
    sealed = make_envelope()
    first = file(mail, sealed)
    again = file(mail, sealed, AT + timedelta(days=400))
    assert (again.filing_no, again.receipt, again.fresh) == (first.filing_no, first.receipt, False)
    assert (mail.log_size(), mail.changed()) == (1, 1)


def test_the_same_id_with_other_bytes_is_told(mail: HallMail) -> None:
    """What was filed stays."""
    file(mail, make_envelope())
    other = make_envelope(record=b"another record")
    assert not file(mail, other).same
    assert mail.slip(make_id()) != other.slip


def test_fail__a_slip_under_another_id(mail: HallMail) -> None:
    """Our own error."""
    sealed = make_envelope()
    with pytest.raises(ValueError, match="not the envelope's"):
        mail.commit_slip(
            make_id(5),
            device=BOX,
            slip=sealed.slip,
            header=sealed.header,
            sha256=bytes(32),
            at=AT,
            receipt_for=stage_1,
        )


def test_fail__a_slip_nobody_sent(mail: HallMail) -> None:
    """The office asks for what never arrived."""
    with pytest.raises(KeyError, match="arrived"):
        mail.slip(make_id())


@pytest.mark.parametrize(
    ("moment", "year"),
    [
        (datetime(2026, 3, 31, 14, 59, tzinfo=UTC), 7),
        (datetime(2026, 3, 31, 15, 0, tzinfo=UTC), 8),
        (datetime(2027, 1, 1, tzinfo=UTC), 8),
        (datetime(2027, 4, 1, tzinfo=UTC), 9),
    ],
)
def test_the_numbers_year_is_japans_fiscal_year(moment: datetime, year: int) -> None:
    """It begins on the first of April, Japanese time."""
    assert fiscal_year(moment) == year


def test_each_fiscal_year_counts_from_one(mail: HallMail) -> None:
    """The log goes on, the numbers start anew."""
    file(mail, make_envelope(0), datetime(2027, 3, 31, tzinfo=UTC))
    answer = file(mail, make_envelope(1), datetime(2027, 4, 1, tzinfo=UTC))
    assert answer.filing_no.startswith("R9-000001")
    assert answer.log_index == 1


def test_group_commit_files_many_at_once(mail: HallMail) -> None:
    """One transaction; the order is the order given."""
    slips = []
    for n in range(5):
        sealed = make_envelope(n)
        digest = hashlib.sha256(sealed.slip).digest()
        slips.append(Slip("bus-07", sealed.header, sealed.slip, digest, AT, stage_1))
    assert [one.log_index for one in mail.commit_slips(slips)] == list(range(5))


def test_roles_go_through_the_shelf(mail: HallMail) -> None:
    """The office knows a preview from a page before either is here."""
    file(mail, make_envelope(parts=make_parts(1)))
    [seen] = mail.arrivals()
    assert [part.role for part in seen.parts] == [PartRole.PREVIEW, PartRole.PAGE]


def test_the_office_sees_every_step(mail: HallMail, open_mail: OpenMail) -> None:
    """`changed` moves with each; `moved_since` names who moved; another process sees the same."""
    office = open_mail()
    for n in range(3):
        file(mail, make_envelope(n))
    seen = office.changed()
    assert [one.env_id for one in office.arrivals(after=1, limit=1)] == [make_id(1)]
    mail.commit_part(make_id(0), 0, make_envelope(0).parts[0])
    [moved] = office.moved_since(seen)
    assert (moved.env_id, moved.parts[0].arrived, moved.moved) == (make_id(0), True, seen + 1)
    assert office.changed() == seen + 1


def test_fail__a_shelf_of_a_newer_program(tmp_path: Path) -> None:
    """An older program does not touch it."""
    Database(tmp_path / "hall.db", replace(SHELF, number=SHELF.number + 1)).close()
    with pytest.raises(NewerSchemaError, match="is newer than this program's"):
        HallMail(tmp_path)
