"""What the shelf remembers of uploads at the standards door: names, lengths, failures, and for how long."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from cityhall.mail import uploads as shelf
from cityhall.mail.store import HallMail
from cityhall.mail.uploads import UPLOAD_AGE, TooManyUploadsError, Uploads
from tests.support.makers import EPOCH, make_id

WHO = ("bus-07", make_id(0), 0)


@pytest.fixture
def uploads(tmp_path: Path) -> Iterator[Uploads]:
    """Give the uploads of an empty shelf."""
    mail = HallMail(tmp_path)
    yield mail.uploads
    mail.close()


def test_an_upload_opened_twice_is_one_upload(uploads: Uploads) -> None:
    """The first name counts; a length told later is kept."""
    first = uploads.open(*WHO, length=0, token="a", at=EPOCH)
    second = uploads.open(*WHO, length=900, token="b", at=EPOCH)
    assert (first.token, second.token, second.length) == ("a", "a", 900)


def test_an_old_name_is_gone_and_a_new_one_is_given(uploads: Uploads) -> None:
    """After seven days nobody finds it."""
    uploads.open(*WHO, length=900, token="a", at=EPOCH)
    assert uploads.find(*WHO, EPOCH + UPLOAD_AGE - timedelta(seconds=1)) is not None
    assert uploads.find(*WHO, EPOCH + UPLOAD_AGE) is None
    assert uploads.open(*WHO, length=901, token="b", at=EPOCH + UPLOAD_AGE).token == "b"


def test_failures_are_counted_over_names_until_they_are_forgotten(uploads: Uploads) -> None:
    """A closed name is not found again; the count stays, also for the next name."""
    uploads.open(*WHO, length=900, token="a", at=EPOCH)
    assert uploads.close(*WHO, mismatched=True) == 1
    assert uploads.find(*WHO, EPOCH) is None
    assert uploads.open(*WHO, length=900, token="b", at=EPOCH).mismatches == 1
    assert uploads.close(*WHO) == 1
    assert uploads.forget(*WHO) is True
    assert uploads.forget(*WHO) is False
    assert uploads.open(*WHO, length=900, token="c", at=EPOCH).mismatches == 0


def test_a_box_has_a_bounded_number_and_old_ones_make_room(
    uploads: Uploads, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One more than the limit is refused; another box is not; a week later there is room."""
    monkeypatch.setattr(shelf, "UPLOADS_LIMIT", 2)
    for n in (0, 1):
        uploads.open("bus-07", make_id(n), 0, length=9, token="a", at=EPOCH)
    with pytest.raises(TooManyUploadsError):
        uploads.open("bus-07", make_id(2), 0, length=9, token="a", at=EPOCH)
    uploads.open("bus-08", make_id(2), 0, length=9, token="a", at=EPOCH)
    uploads.open("bus-07", make_id(2), 0, length=9, token="a", at=EPOCH + UPLOAD_AGE)
