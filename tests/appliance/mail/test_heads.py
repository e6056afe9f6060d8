"""City hall's head when two processes follow it: the uplink, and the import of a stick."""

from pathlib import Path

from appliance.mail.models import HallHead
from appliance.mail.store import PURGE_GRACE, MailStore
from tests.support.makers import EPOCH, instant, make_envelope, make_id


def head(size: int) -> HallHead:
    """Return a made-up head."""
    return HallHead(size, bytes([size]) * 32, f"note {size}")


def test_a_head_another_process_moved_stays(tmp_path: Path) -> None:
    """The first handle's step was proven from 1, so it says nothing about 5; its next session reads 5."""
    uplink, stick = MailStore(tmp_path), MailStore(tmp_path)
    uplink.keep_hall_head(head(1), instant())
    assert (uplink.hall_head(), stick.hall_head()) == (head(1), head(1))
    stick.keep_hall_head(head(5), instant())
    uplink.keep_hall_head(head(6), instant())
    uplink.keep_hall_head(head(7), instant())
    assert uplink.hall_head() == head(5)
    uplink.keep_hall_head(head(8), instant())
    assert stick.hall_head() == head(8)


def test_an_answer_read_again_never_moves_the_head_back(tmp_path: Path) -> None:
    """Its steps pass the head that is remembered; from there on they count again."""
    mail = MailStore(tmp_path)
    mail.keep_hall_head(head(3), instant())
    mail.hall_head()
    seen = []
    for size in (1, 2, 3, 4):
        mail.keep_hall_head(head(size), instant())
        seen.append(MailStore(tmp_path).hall_head())
    assert seen == [head(3), head(3), head(3), head(4)]


def test_a_stick_proves_nothing_newer_than_itself(tmp_path: Path) -> None:
    """Read long after it was written, it frees no payload: city hall may have lost it since."""
    mail = MailStore(tmp_path)
    mail.keep(make_envelope(), deadline=None, at=instant(), receipt_for=lambda _: b"box")
    mail.complete(make_id(), b"stage 2", head=head(1), at=instant())
    mail.heads_are_from(EPOCH)
    late = instant(2 * PURGE_GRACE.total_seconds())
    mail.keep_hall_head(head(2), late)
    assert mail.purge(late) == []
    link = MailStore(tmp_path)
    link.hall_head()
    link.keep_hall_head(head(2), late)
    assert link.purge(late) == [make_id()]
    mail.hall_head()
    mail.keep_hall_head(head(3), late)
    assert link.hall_head() == head(3)
