"""A shelf restored from a backup: numbers that were promised since are taken again."""

import hashlib
from datetime import timedelta

from cityhall.mail.arrivals import Earlier, Slip
from cityhall.mail.store import HallMail
from sync.ids import filing_number
from tests.support.makers import make_envelope
from tests.support.shelf import AT, BOX, file, stage_1


def earlier(n: int, number: str) -> Slip:
    """Return slip number n of a bus that was promised this number an hour before."""
    sealed = make_envelope(n, parts=[])
    digest = hashlib.sha256(sealed.slip).digest()
    promised = Earlier(number, AT - timedelta(hours=1))
    return Slip(BOX, sealed.header, sealed.slip, digest, AT, stage_1, promised)


def test_a_number_given_before_a_restore_is_taken_again(mail: HallMail) -> None:
    """With the moment it was received then; the year goes on behind it."""
    [again] = mail.commit_slips([earlier(0, filing_number(8, 7))])
    assert (again.filing_no, again.log_index) == (filing_number(8, 7), 0)
    assert again.received_at == AT - timedelta(hours=1)
    assert file(mail, make_envelope(1)).filing_no == filing_number(8, 8)


def test_a_number_another_envelope_has_by_now_is_not_taken(mail: HallMail) -> None:
    """The later one gets a new number and its own moment."""
    first = file(mail, make_envelope(1)).filing_no
    [moved] = mail.commit_slips([earlier(0, first)])
    assert (moved.filing_no, moved.received_at) == (filing_number(8, 2), AT)


def test_two_slips_of_one_group_that_claim_one_number(mail: HallMail) -> None:
    """The first has it; a number claimed later never lowers the count."""
    slips = [
        earlier(0, filing_number(8, 7)),
        earlier(1, filing_number(8, 7)),
        earlier(2, filing_number(8, 3)),
    ]
    numbers = [one.filing_no for one in mail.commit_slips(slips)]
    assert numbers == [filing_number(8, 7), filing_number(8, 8), filing_number(8, 3)]
    assert file(mail, make_envelope(3)).filing_no == filing_number(8, 9)
