"""Sealed bytes erased for ever: number, receipts and log leaf stay, on every kind of shelf."""

import pytest

from cityhall.mail.store import HallMail
from sync.envelope import Envelope
from tests.support.makers import make_envelope
from tests.support.shelf import BOX, file, stage_2


def whole(mail: HallMail) -> Envelope:
    """File an envelope with all its parts."""
    sealed = make_envelope()
    file(mail, sealed)
    for index, part in enumerate(sealed.parts):
        mail.commit_part(sealed.env_id, index, part)
    mail.completed(sealed.env_id, stage_2)
    return sealed


def test_slip_and_parts_are_gone_and_the_answer_stays(mail: HallMail) -> None:
    """The bus that comes again gets the same number, once or twice forgotten."""
    sealed = whole(mail)
    before = mail.answer(sealed.env_id)
    mail.forget(sealed.env_id)
    mail.forget(sealed.env_id)
    assert [mail.part(sealed.env_id, index) for index in range(len(sealed.parts))] == [None, None]
    with pytest.raises(KeyError):
        mail.slip(sealed.env_id)
    again = file(mail, sealed)
    assert (again.fresh, again.same, again.filing_no) == (False, True, before and before.filing_no)
    assert mail.have(BOX, sealed.env_id).stage == 2


def test_another_slip_of_that_id_is_still_another_one(mail: HallMail) -> None:
    """The digest that stays tells them apart."""
    sealed = whole(mail)
    mail.forget(sealed.env_id)
    assert not file(mail, make_envelope(beacon=b"another")).same


def test_fail__what_is_not_whole_or_not_here(mail: HallMail) -> None:
    """Nothing half is erased: its bus would bring it again."""
    sealed = make_envelope()
    with pytest.raises(KeyError):
        mail.forget(sealed.env_id)
    file(mail, sealed)
    with pytest.raises(ValueError, match="not complete"):
        mail.forget(sealed.env_id)
