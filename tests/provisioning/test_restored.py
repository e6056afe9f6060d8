"""`madobus provision restored`: after a backup was put back, before the intake starts."""

import pytest

from cityhall.intake.restored import NUMBERS_MARGIN
from cityhall.mail.store import HallMail
from provisioning.city import City
from provisioning.enrol import Bus
from provisioning.field import main
from sync.ids import filing_number
from tests.provisioning.test_bundle_letters import enrolled

__all__ = ["enrolled"]


def test_the_next_number_is_far_above_once(
    enrolled: tuple[City, Bus], capsys: pytest.CaptureFixture[str]
) -> None:
    """Typed twice it is one jump, and a bus that tells of the same loss moves nothing: its number lies below."""
    city, _ = enrolled
    for _again in range(2):
        assert main(["restored", "--city", str(city.folder)]) == 0
    said = capsys.readouterr().out.splitlines()
    assert (str(NUMBERS_MARGIN) in said[0], "already" in said[1]) == (True, True)
    mail = HallMail(city.mail)
    assert mail.losses() == 1
    highest = mail.witness(0).highest
    year = int(highest[1:].split("-")[0])
    assert not mail.skip_numbers(year, 57, NUMBERS_MARGIN)
    assert mail.witness(0).highest == highest == filing_number(year, NUMBERS_MARGIN)
    mail.close()
