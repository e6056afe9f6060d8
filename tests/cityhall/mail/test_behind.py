"""A standby that was behind takes over while intakes serve: no head of a log that never was, no number twice."""

from sqlalchemy import text

from cityhall.mail.losses import MARGIN
from cityhall.mail.store import HallMail
from cityhall.mail.times import fiscal_year
from sync.ids import filing_number
from tests.support.makers import make_envelope
from tests.support.shelf import AT, OpenMail, file

FILED, KEPT = 5, 3


def filed(mail: HallMail, first: int, count: int) -> list[str]:
    """File slips from number `first` on."""
    return [file(mail, make_envelope(n, parts=[])).filing_no for n in range(first, first + count)]


def fall_behind(mail: HallMail) -> None:
    """Leave what a standby holds that missed the last commits."""
    with mail._database.writing() as session:
        for line in (
            "DELETE FROM arrival WHERE log_index >= :kept",
            'DELETE FROM log WHERE ("index" + 1) * (1 << level) > :kept',
            "UPDATE counter SET value = :kept",
        ):
            session.connection().execute(text(line), {"kept": KEPT})


def test_heads_are_those_of_the_log_that_is_there(open_mail: OpenMail) -> None:
    """At the intake that files next and at one that only looks, however far the log has grown since."""
    files, looks = open_mail(), open_mail()
    filed(files, 0, FILED)
    assert looks.witness(0).size == FILED
    fall_behind(files)
    assert files.witness(0).size == KEPT
    answer = file(files, make_envelope(FILED, parts=[]))
    at_hand = files.witness_at_hand(KEPT, answer.log_index)
    assert at_hand == open_mail().witness(KEPT, answer.log_index)
    filed(files, FILED + 1, FILED)
    assert looks.witness(0) == open_mail().witness(0)
    filed(looks, 2 * FILED + 1, 1)
    assert looks.witness(1) == files.witness(1) == open_mail().witness(1)


def test_lost_numbers_are_left_out_before_a_bus_comes(open_mail: OpenMail) -> None:
    """The intake saw them given out; it is one loss, for every intake."""
    files, looks = open_mail(), open_mail()
    filed(files, 0, FILED)
    assert looks.witness(0).highest == filing_number(fiscal_year(AT), FILED)
    fall_behind(files)
    told = filed(files, FILED, 1) + filed(looks, FILED + 1, 1)
    first = FILED + MARGIN + 1
    assert told == [filing_number(fiscal_year(AT), first + n) for n in range(2)]
    assert files.losses() == 1
