"""The technician's look at the bus's shelf."""

from pathlib import Path

import pytest

from appliance.mail.store import MailStore
from provisioning.mailbox import retry, status
from tests.support.makers import instant, make_envelope, make_id


@pytest.fixture
def shelf(tmp_path: Path) -> MailStore:
    """Two applications kept, the first one refused by city hall."""
    found = MailStore(tmp_path)
    for n in range(2):
        found.keep(make_envelope(n), deadline=None, at=instant(), receipt_for=lambda _entry: b"box")
    found.refused(make_id(0), 201, "a signature does not hold")
    return found


def test_a_refusal_is_told_with_number_and_sentence(shelf: MailStore) -> None:
    """What was acknowledged and not taken needs a person."""
    told = status(shelf)
    assert told["applications"] == {"refused": 1, "kept": 1}
    assert told["refused"] == [f"{make_id(0).hex()} 201 a signature does not hold"]


def test_what_was_refused_is_offered_again(shelf: MailStore) -> None:
    """Once the cause is mended; a second time there is nothing left to do."""
    assert [retry(shelf), retry(shelf)] == [1, 0]
    assert [one.env_id for one in shelf.due()] == [make_id(0), make_id(1)]
    assert status(shelf)["refused"] == []
