"""The number of a start: it orders the journal, so it only ever grows, and desk and uplink have the same."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pysqlite3.dbapi2 as sqlite
import pytest

from appliance.mail import boots
from appliance.mail.boots import boot_count
from appliance.mail.store import MailStore
from keeping.away import DatabaseAwayError
from sync.journal import impossible_orders
from tests.support.makers import instant


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A shelf that is there."""
    MailStore(tmp_path).close()
    return tmp_path


def test_the_first_start_is_number_one(tmp_path: Path) -> None:
    """Also on a bus that has no shelf yet."""
    assert boot_count(tmp_path, "a") == 1


def test_one_start_has_one_number(folder: Path) -> None:
    """Whoever asks: desk, uplink, each of them again after its own restart."""
    assert [boot_count(folder, "a") for _ in range(3)] == [1, 1, 1]


def test_every_new_start_counts_one_more(folder: Path) -> None:
    """The kernel's names are random, our numbers are not; a name that comes again is a new start."""
    assert [boot_count(folder, name) for name in ["ffff", "0000", "ffff"]] == [1, 2, 3]


def test_two_that_ask_at_once_hear_the_same(folder: Path) -> None:
    """Desk and uplink start together."""
    with ThreadPoolExecutor(8) as asking:
        assert set(asking.map(lambda _: boot_count(folder, "a"), range(8))) == {1}


def test_a_shelf_that_never_counted_goes_on_behind_its_journal(folder: Path) -> None:
    """Nothing that is written from now on stands before what is there."""
    with closing(MailStore(folder)) as mail:
        mail.append("boot", bytes(32), instant(boot=41))
    assert boot_count(folder, "a") == 42


def test_starts_are_no_impossible_orders(folder: Path) -> None:
    """A hundred starts in a row, whatever the kernel calls them: by its random names half of them would be."""
    with closing(MailStore(folder)) as mail:
        for name in range(100):
            mail.append("boot", bytes(32), instant(boot=boot_count(folder, f"{name * 7919 % 101}")))
        assert impossible_orders(mail.entries()) == ()


def test_a_disk_that_takes_nothing_still_gives_the_number(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the next who can write gives the same."""

    def full(*_: object) -> int:
        raise DatabaseAwayError(28, "the disk is full")

    boot_count(folder, "a")
    with monkeypatch.context() as broken:
        broken.setattr(boots, "_claim", full)
        assert boot_count(folder, "b") == 2
    assert boot_count(folder, "b") == 2


def test_a_number_a_full_disk_did_not_keep_is_given_to_no_later_start(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk took entries again in that start, but nobody asked for the number again before the power went."""

    def full(*_: object) -> int:
        raise DatabaseAwayError(28, "the disk is full")

    boot_count(folder, "a")
    with monkeypatch.context() as broken:
        broken.setattr(boots, "_claim", full)
        second = boot_count(folder, "b")
    with closing(MailStore(folder)) as mail:
        mail.append("boot", bytes(32), instant(boot=second))
    assert boot_count(folder, "c") == second + 1


def test_a_locked_shelf_still_gives_the_number(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else writes for longer than we wait."""
    monkeypatch.setattr(boots, "BUSY_S", 0.05)
    with closing(sqlite.connect(str(folder / "mail.db"))) as other:
        other.execute("BEGIN IMMEDIATE")
        assert boot_count(folder, "a") == 1


def test_a_start_has_one_entry(folder: Path) -> None:
    """The desk may be started often in one boot."""
    with closing(MailStore(folder)) as mail:
        for boot in (1, 1, 2, 2):
            mail.begin_boot(bytes(32), instant(boot=boot))
        assert [(one.kind, one.boot) for one in mail.entries()] == [("boot", 1), ("boot", 2)]
