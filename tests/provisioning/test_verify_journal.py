"""`madobus verify journal` at a real shelf: what the bus wrote holds, whatever was changed afterwards is named."""

import hashlib
import json
from datetime import timedelta
from pathlib import Path

import pysqlite3.dbapi2 as sqlite
import pytest

from appliance.mail.models import HallHead
from appliance.mail.pruning import ROW_AGE
from appliance.mail.store import MailStore
from provisioning import verify
from sync.clock import Instant
from sync.journal import JournalEntry
from sync.merkle import root
from sync.receipt import BoxReceipt, sign_receipt
from sync.witness import journal_leaf
from tests.support.makers import BOX, instant, make_envelope, make_id, make_signer

SEALED = [make_envelope(n, parts=[]) for n in range(3)]
HEAD = HallHead(7, bytes(range(32)), "note")
DAY_S = 86_400.0


def _keep(mail: MailStore, n: int, at: Instant) -> None:
    def receipt(entry: JournalEntry) -> bytes:
        said = BoxReceipt(
            env_id=SEALED[n].env_id,
            envelope_sha256=entry.object_hash,
            procedure="care-renewal",
            filed=at.wall,
            not_before=at.wall - timedelta(hours=1),
            uncertainty_s=2,
            journal_seq=entry.seq,
            device_key_id=make_signer(BOX).key_id,
        )
        return sign_receipt(said, make_signer(BOX))

    mail.keep(SEALED[n], deadline=None, at=at, receipt_for=receipt)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A shelf with three applications: the first one complete and its payload gone."""
    mail = MailStore(tmp_path / "mail")
    for n in range(3):
        _keep(mail, n, instant(n))
    mail.complete(make_id(0), b"stage 2", b"proof", head=HEAD, at=instant(10))
    mail.keep_hall_head(HEAD, instant(4 * DAY_S))
    mail.purge(instant(4 * DAY_S))
    mail.close()
    return tmp_path / "mail"


def _run(capsys: pytest.CaptureFixture[str], place: Path, *more: str) -> tuple[int, str]:
    code = verify.main(["journal", str(place), *more])
    said = capsys.readouterr()
    return code, said.out or said.err


def _change(folder: Path, statement: str) -> None:
    connection = sqlite.connect(folder / "mail.db")
    connection.execute(statement)
    connection.commit()
    connection.close()


def test_ok__an_untouched_shelf_holds(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    """It counts entries, applications and slips, and writes nothing there."""
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    code, said = _run(capsys, folder)
    told = json.loads(said)
    assert (code, told["entries"], told["accepted"]) == (0, 5, 3)
    assert (told["slips_compared"], told["payloads_gone"], told["begins_after"]) == (2, 1, 0)
    after = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert {path: after[path] for path in before} == before


def test_ok__the_head_that_city_hall_knows_is_met(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    """A head in the middle of the journal, and the newest one."""
    newest = json.loads(_run(capsys, folder)[1])["head"]
    code, said = _run(capsys, folder, "--head", newest)
    assert (code, json.loads(said)["head_of_city_hall"]) == (0, "met")


def test_ok__an_exported_journal_says_the_same(
    capsys: pytest.CaptureFixture[str], folder: Path, tmp_path: Path
) -> None:
    """The file is written on the way; one changed byte in it is found, and a piece is none."""
    out = tmp_path / "journal"
    whole = json.loads(_run(capsys, folder, "--export", str(out))[1])
    code, said = _run(capsys, out)
    assert (code, json.loads(said)["head"]) == (0, whole["head"])
    data = out.read_bytes()
    for place in (20, 70, 90, 200, len(data) - 3):
        out.write_bytes(data[:place] + bytes((data[place] ^ 1,)) + data[place + 1 :])
        code, said = _run(capsys, out, "--head", whole["head"])
        assert (code, "does not hold" in said) == (1, True), place
    out.write_bytes(data[:-4])
    assert _run(capsys, out)[0] == 1
    out.write_bytes(data[:30])
    assert "no exported journal" in _run(capsys, out)[1]


@pytest.mark.parametrize(
    ("statement", "place", "fact"),
    [
        ("UPDATE journal SET kind = 'receipt' WHERE seq = 2", "journal entry 2", "notes another"),
        (
            "UPDATE journal SET wall_us = wall_us - 1 WHERE seq = 5",
            "journal entry 5",
            "notes another",
        ),
        (
            "UPDATE journal SET hash = zeroblob(32) WHERE seq = 3",
            "journal entry 3",
            "notes another",
        ),
        (
            "UPDATE journal SET prev = zeroblob(32) WHERE seq = 4",
            "journal entry 4",
            "names another",
        ),
        ("UPDATE journal SET kind = 'Accepted' WHERE seq = 2", "journal entry 2", "its kind"),
        ("UPDATE journal SET boot = 'x' WHERE seq = 2", "journal entry 2", "is written as"),
        ("UPDATE journal SET boot = 0 WHERE seq = 4", "journal entry 4", "0 after 1"),
        ("DELETE FROM journal WHERE seq = 3", "journal entry 3", "the next one is 4"),
        ("DELETE FROM journal WHERE seq = 1", "journal entry 1", "the next one is 2"),
        ("DELETE FROM outbox WHERE journal_seq = 2", "journal entry 2", "the outbox has none"),
        (
            "UPDATE outbox SET journal_seq = 4 WHERE journal_seq = 3",
            "journal entry 4",
            "there is none",
        ),
        ("UPDATE outbox SET box_receipt = 'x'", "journal entry 1", "cannot be read"),
        (
            "UPDATE outbox SET box_receipt = (SELECT box_receipt FROM outbox WHERE journal_seq = 1)",
            "journal entry 2",
            "names another",
        ),
        ("UPDATE outbox SET purged = 0", "journal entry 1", "its slip is gone"),
        ("INSERT INTO journal_start VALUES (1, 0, zeroblob(32))", "", ""),
    ],
)
def test_fail__what_was_changed_afterwards_is_named(
    capsys: pytest.CaptureFixture[str], folder: Path, statement: str, place: str, fact: str
) -> None:
    """The first broken entry with place, rule, fact and remedy; a start that says nothing new is no fault."""
    _change(folder, statement)
    code, said = _run(capsys, folder)
    assert code == (1 if place else 0)
    assert place in said
    assert fact in said


def test_fail__another_slip_under_the_same_name(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    """The envelope in the outbox is not the one that was accepted."""
    (folder / "parts" / make_id(1).hex() / "0").write_bytes(SEALED[2].slip)
    code, said = _run(capsys, folder)
    assert (code, make_id(1).hex() in said, "other bytes" in said) == (1, True, True)


def test_fail__an_older_card_lacks_what_city_hall_knows(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    """A head beyond the end is a card put back; another hash of the same number is a fork."""
    newest = json.loads(_run(capsys, folder)[1])["head"]
    _change(folder, "DELETE FROM journal WHERE seq = 5")
    code, said = _run(capsys, folder, "--head", newest)
    assert (code, "the journal runs from 0 to 4" in said) == (1, True)
    code, said = _run(capsys, folder, "--head", f"4:{hashlib.sha256(b'other').hexdigest()}")
    assert (code, "two journals" in said) == (1, True)


def test_the_head_that_city_hall_cosigned_stands_in_the_journal_or_not(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    """Its tree is made again from the entries: the same root holds, another or a longer one is a card put back."""
    mail = MailStore(folder)
    leaves = [journal_leaf(entry.hash) for entry in mail.entries()]
    mail.close()
    held = f"3:{root(leaves[:3]).hex()}"
    code, said = _run(capsys, folder, "--witnessed", held)
    assert (code, json.loads(said)["head_of_city_hall"]) == (0, "met")
    assert "another journal" in _run(capsys, folder, "--witnessed", f"2:{held[2:]}")[1]
    assert "ends with 5" in _run(capsys, folder, "--witnessed", f"6:{held[2:]}")[1]


def test_ok__a_cut_journal_holds_from_its_start(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    """After a year the first entries left; the cut entry names them, and nothing else may."""
    mail = MailStore(folder)
    later = ROW_AGE.total_seconds() + 5 * DAY_S
    assert mail.hall_head() == HEAD
    mail.keep_hall_head(HEAD, instant(later))
    assert mail.prune(instant(later)).entries == 1
    mail.close()
    code, said = _run(capsys, folder)
    assert (code, json.loads(said)["begins_after"]) == (0, 1)
    assert "cannot be made again" in _run(capsys, folder, "--witnessed", f"3:{'0' * 64}")[1]
    _change(folder, "UPDATE journal_start SET seq = 0, hash = zeroblob(32)")
    assert "journal entry 1" in _run(capsys, folder)[1]


def test_fail__a_beginning_that_no_cut_entry_names(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    """Somebody took entries off and noted the right hash: no cut entry says that the bus did."""
    _change(folder, "INSERT INTO journal_start SELECT 1, seq, hash FROM journal WHERE seq = 1")
    _change(folder, "DELETE FROM outbox WHERE journal_seq = 1")
    _change(folder, "DELETE FROM journal WHERE seq = 1")
    code, said = _run(capsys, folder)
    assert (code, "the newest cut entry" in said) == (1, True)


def test_fail__no_shelf_is_no_shelf(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """An empty folder, and a database of something else."""
    assert "there is no mail.db" in _run(capsys, tmp_path)[1]
    (tmp_path / "mail.db").write_bytes(b"")
    code, said = _run(capsys, tmp_path)
    assert (code, "no shelf of a bus" in said) == (1, True)
