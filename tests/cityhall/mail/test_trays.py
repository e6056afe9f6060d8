"""The way down and the buses' links: letters, pulls, sessions."""

from datetime import timedelta

import pytest

from cityhall.mail import downwards
from cityhall.mail.downwards import TrayFullError
from cityhall.mail.store import HallMail
from tests.support.makers import make_envelope, make_id, make_parts
from tests.support.shelf import AT, file


def test_letters_wait_for_their_bus_in_order_of_need(mail: HallMail) -> None:
    """Revocation before correction before pack; each until its own bus confirms it."""
    mail.post_letter("bus-07", "visit_pack", b"1", make_id(1), at=AT)
    mail.post_letter("bus-07", "correction", b"2", make_id(2))
    mail.post_letter("bus-07", "revocation", b"3", make_id(3))
    mail.post_letter("bus-08", "correction", b"4", make_id(2))
    assert mail.letters_for("bus-07") == [make_id(3), make_id(2), make_id(1)]
    assert mail.letter_delivered(make_id(2), "bus-07", AT)
    assert not mail.letter_delivered(make_id(2), "bus-07", AT)
    assert not mail.letter_delivered(make_id(9), "bus-07", AT)
    assert mail.letters_for("bus-07") == [make_id(3), make_id(1)]
    assert mail.letters_for("bus-08") == [make_id(2)]
    letter = mail.letter("bus-08", make_id(2))
    assert letter is not None
    assert letter.body == b"4"
    assert mail.letter("bus-08", make_id(1)) is None


def test_a_letter_posted_twice_goes_down_once(mail: HallMail) -> None:
    """Even when it was delivered meanwhile."""
    assert mail.post_letter("bus-07", "correction", b"x", make_id(1))
    moved = mail.downwards()
    mail.letter_delivered(make_id(1), "bus-07", AT)
    assert not mail.post_letter("bus-07", "correction", b"x", make_id(1))
    assert (mail.letters_for("bus-07"), mail.downwards()) == ([], moved)


def test_fail__a_letter_that_is_none(mail: HallMail, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another kind, or longer than the limit."""
    with pytest.raises(ValueError, match="kind must be one of"):
        mail.post_letter("bus-07", "poem", b"", make_id(1))
    monkeypatch.setattr(downwards, "BODY_LIMIT", 3)
    mail.post_letter("bus-07", "correction", b"123", make_id(1))
    with pytest.raises(ValueError, match="3 bytes are the limit"):
        mail.post_letter("bus-07", "correction", b"1234", make_id(2))


def test_the_tray_of_a_bus_has_a_limit(mail: HallMail, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the limit the next letter is refused; another bus has its own."""
    monkeypatch.setattr(downwards, "UNDELIVERED_LIMIT", 1)
    mail.post_letter("bus-07", "correction", b"", make_id(1))
    with pytest.raises(TrayFullError):
        mail.post_letter("bus-07", "correction", b"", make_id(2))
    assert mail.post_letter("bus-08", "correction", b"", make_id(2))


def test_a_part_is_pulled_until_it_is_here(mail: HallMail) -> None:
    """Asked twice is asked once; its arrival ends the waiting; what is here cannot be pulled."""
    sealed = make_envelope(parts=make_parts(1))
    file(mail, sealed)
    assert [mail.pull(sealed.env_id, 1), mail.pull(sealed.env_id, 1)] == [True, False]
    assert (mail.pulls("bus-07"), mail.pulls("bus-08")) == ([(sealed.env_id, 1)], [])
    mail.commit_part(sealed.env_id, 1, sealed.parts[1])
    assert (mail.pulls("bus-07"), mail.pull(sealed.env_id, 1)) == ([], False)


def test_fail__a_pull_of_a_stranger(mail: HallMail, monkeypatch: pytest.MonkeyPatch) -> None:
    """No such part; and no more than the limit."""
    with pytest.raises(KeyError):
        mail.pull(make_id(), 0)
    file(mail, make_envelope())
    monkeypatch.setattr(downwards, "PULLS_LIMIT", 1)
    mail.pull(make_id(), 0)
    with pytest.raises(TrayFullError):
        mail.pull(make_id(), 1)


def test_the_buses_link_is_remembered(mail: HallMail) -> None:
    """`since` moves only when the state does; facts are joined."""
    mail.bus_seen("bus-07", AT, {"waiting": 3})
    mail.bus_seen("bus-07", AT + timedelta(seconds=5), {"rtt_ms": 80})
    [seen] = mail.buses()
    assert (seen.since, seen.seen_at) == (AT, AT + timedelta(seconds=5))
    assert seen.facts == {"waiting": 3, "rtt_ms": 80}
    mail.bus_seen("bus-07", AT + timedelta(seconds=9), {}, connected=False)
    [seen] = mail.buses()
    assert (seen.connected, seen.since) == (False, AT + timedelta(seconds=9))
