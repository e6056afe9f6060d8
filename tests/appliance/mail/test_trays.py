"""The shelf's small trays: letters, link, beacon; and the database they stand in."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from appliance.mail import inbox
from appliance.mail.database import SHELF
from appliance.mail.models import HeardBeacon, LinkState
from appliance.mail.rows import InboxFullError
from appliance.mail.store import MailStore
from keeping.database import Database, NewerSchemaError
from tests.support.makers import instant, make_id


@pytest.fixture
def mail(tmp_path: Path) -> MailStore:
    """An empty shelf."""
    return MailStore(tmp_path)


def test_a_letter_is_kept_once(mail: MailStore) -> None:
    """The second time says False and changes nothing."""
    first = mail.put_letter(make_id(1), "correction", b"sealed", instant())
    again = mail.put_letter(make_id(1), "correction", b"sealed", instant(9))
    assert (first, again) == (True, False)
    [letter] = mail.letters()
    assert (letter.body, letter.arrived_at, letter.read) == (b"sealed", instant().wall, False)


def test_letters_are_found_by_kind_and_by_unread(mail: MailStore) -> None:
    """In the order they came; reading a stranger changes nothing."""
    mail.put_letter(make_id(1), "visit_pack", b"1", instant())
    mail.put_letter(make_id(2), "correction", b"2", instant())
    mail.put_letter(make_id(3), "visit_pack", b"3", instant())
    mail.mark_read(make_id(1))
    mail.mark_read(make_id(9))
    assert [one.body for one in mail.letters()] == [b"1", b"2", b"3"]
    assert [one.body for one in mail.letters("visit_pack")] == [b"1", b"3"]
    assert [one.body for one in mail.letters("visit_pack", unread_only=True)] == [b"3"]


def test_fail__a_letter_of_an_unknown_kind(mail: MailStore) -> None:
    """The sentence names the kinds there are."""
    with pytest.raises(ValueError, match="must be one of visit_pack"):
        mail.put_letter(make_id(1), "poem", b"", instant())


def test_the_inbox_has_a_limit(mail: MailStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the limit a known letter is still known; a new one is refused."""
    monkeypatch.setattr(inbox, "LETTERS_LIMIT", 1)
    mail.put_letter(make_id(1), "correction", b"", instant())
    assert not mail.put_letter(make_id(1), "correction", b"", instant())
    with pytest.raises(InboxFullError):
        mail.put_letter(make_id(2), "correction", b"", instant())


def test_the_link_is_unknown_before_the_uplink_spoke(mail: MailStore) -> None:
    """The screen says so."""
    assert mail.link() == LinkState("unknown", None, None, 0, "")


def test_the_link_is_told_to_the_other_process(tmp_path: Path) -> None:
    """State, moments, count and cause go through the file."""
    told = LinkState("gone", instant().wall, None, 12, "電波が届いていません")
    MailStore(tmp_path).set_link(told)
    assert MailStore(tmp_path).link() == told


def test_fail__a_link_in_other_words(mail: MailStore) -> None:
    """Four states and no others."""
    with pytest.raises(ValueError, match="must be one of good"):
        mail.set_link(LinkState("splendid", None, None, 0, ""))


def test_the_newest_beacon_stays(mail: MailStore) -> None:
    """None before the first contact."""
    assert mail.beacon() is None
    mail.keep_beacon(b"one", instant())
    mail.keep_beacon(b"two", instant(1))
    assert mail.beacon() == b"two"


def test_a_beacon_is_kept_with_the_moment_it_was_heard(mail: MailStore) -> None:
    """Boot, monotonic time and the wait let the desk carry the hall's time on."""
    assert mail.heard_beacon() is None
    at = instant()
    mail.keep_beacon(b"one", at, 250)
    assert mail.heard_beacon() == HeardBeacon(b"one", at.boot, at.monotonic_ms, 250)


def test_fail__a_shelf_of_a_newer_program(tmp_path: Path) -> None:
    """An older program does not touch it."""
    Database(tmp_path / "mail.db", replace(SHELF, number=9)).close()
    with pytest.raises(NewerSchemaError, match="schema 9 is newer"):
        MailStore(tmp_path)


@pytest.mark.parametrize(
    ("pragma", "value"),
    [
        ("journal_mode", "wal"),
        ("synchronous", 2),
        ("secure_delete", 1),
        ("busy_timeout", 5000),
        ("foreign_keys", 1),
        ("user_version", 2),
    ],
)
def test_the_database_is_as_durable_as_an_acknowledgement_needs(
    mail: MailStore, pragma: str, value: str | int
) -> None:
    """WAL with full synchronisation on every connection."""
    with mail._database.writing() as session:
        assert session.connection().execute(text(f"PRAGMA {pragma}")).scalar_one() == value


def test_a_transaction_that_fails_leaves_nothing(mail: MailStore) -> None:
    """One function is one transaction."""

    def fails() -> None:
        with mail._database.writing() as session:
            inbox.put_letter(session, make_id(1), "correction", b"", instant())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fails()
    assert mail.letters() == []
