"""appliance.mail.early: what is answered before the database library is loaded means the same as afterwards."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from appliance.mail.database import SHELF
from appliance.mail.early import SCHEMA, EarlyShelf, LateShelf
from appliance.mail.rows import HallHead
from appliance.mail.store import MailStore
from keeping.safesqlite import UnsafeSqliteError
from tests.support.makers import instant, make_envelope, make_id

HEAD = HallHead(3, bytes(range(32)), "a signed note")


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[MailStore]:
    """A shelf with three applications: one still kept, one being sent, one city hall has completely."""
    mail = MailStore(tmp_path)
    for n in range(3):
        deadline = date(2026, 12, 1 + n) if n else None
        mail.keep(
            make_envelope(n), deadline=deadline, at=instant(n), receipt_for=lambda _entry: b"box"
        )
    mail.sending(make_id(1))
    mail.complete(make_id(2), b"receipt", b"proof", head=HEAD, at=instant(9))
    mail.keep_beacon(b"signed time", instant(3), 40)
    mail.put_letter(make_id(50), "key_bundle", b"a bundle", instant(1))
    mail.put_letter(make_id(51), "visit_pack", b"a pack", instant(2))
    yield mail
    mail.close()


def test_the_schema_is_the_one_the_statements_were_written_for() -> None:
    """Whoever changes the tables looks at these statements too."""
    assert SHELF.number == SCHEMA


def test_fail__a_sqlite_that_loses_rows(tmp_path: Path) -> None:
    """The first second writes marks too: it trusts no other SQLite than the whole shelf does."""
    with pytest.raises(UnsafeSqliteError, match="WAL-reset bug"):
        EarlyShelf(tmp_path, "3.40.1")


def test_early_answers_are_the_shelfs_own(shelf: MailStore, tmp_path: Path) -> None:
    """What is due, the newest serial, city hall's head, the bundles, a piece of a slip."""
    early = EarlyShelf(tmp_path)
    assert early.fits()
    assert early.due() == shelf.due()
    assert early.due(1) == shelf.due(1)
    assert early.newest() == shelf.newest()
    assert early.hall_head() == shelf.hall_head() == HEAD
    assert early.heard_beacon() == shelf.heard_beacon() is not None
    assert early.letters("key_bundle") == shelf.letters("key_bundle")
    assert early.part_bytes(make_id(0), 0, 5, 9) == shelf.part_bytes(make_id(0), 0, 5, 9)


def test_an_early_mark_is_the_shelfs_own(shelf: MailStore, tmp_path: Path) -> None:
    """Only what was kept becomes what is being sent."""
    EarlyShelf(tmp_path).sending(make_id(0), make_id(2))
    states = {row.env_id: row.state for row in shelf.outbox()}
    assert [states[make_id(n)] for n in range(3)] == ["sending", "sending", "complete"]


def test_an_empty_folder_or_another_schema_has_no_early_answers(tmp_path: Path) -> None:
    """The whole shelf makes the file, or brings it up to date."""
    early = EarlyShelf(tmp_path)
    assert not early.fits()
    late = LateShelf(tmp_path)
    assert late.as_store().due() == []
    assert early.fits()
    assert early.hall_head() is None
    late.close()


def test_early_words_do_not_load_the_shelf_and_others_do(shelf: MailStore, tmp_path: Path) -> None:
    """Both say the same before and after."""
    late = LateShelf(tmp_path)
    mail = late.as_store()
    before = mail.due()
    late.close()
    assert mail.waiting() == 2
    assert mail.due() == before == shelf.due()
    assert late.whole().newest() == shelf.newest()
    late.close()


def test_a_head_that_was_told_early_is_followed(shelf: MailStore, tmp_path: Path) -> None:
    """A step that was proven from it is kept."""
    late = LateShelf(tmp_path)
    mail = late.as_store()
    assert mail.hall_head() == HEAD
    grown = HallHead(4, bytes(32), "the next note")
    mail.keep_hall_head(grown, instant(10))
    assert mail.hall_head() == shelf.hall_head() == grown
    late.close()


def test_a_shelf_that_cannot_be_opened_says_why_to_everybody(tmp_path: Path) -> None:
    """The failure is not lost in the loading."""
    (tmp_path / "mail.db").mkdir()
    late = LateShelf(tmp_path)
    for _ in range(2):
        with pytest.raises(Exception, match="open"):
            late.whole()
    late.close()
