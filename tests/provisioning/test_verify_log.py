"""`madobus verify log` at a real shelf: log, receipts and numbers agree, or the first that does not is named."""

import hashlib
import json
from datetime import timedelta
from functools import partial
from pathlib import Path

import pysqlite3.dbapi2 as sqlite
import pytest

from cityhall.mail.store import HallMail
from provisioning import verify
from sync.ids import filing_number
from sync.journal import Checkpoint
from sync.receipt import HallReceipt, sign_receipt
from tests.support.makers import COUNTERSIGNER, EPOCH, make_envelope, make_id, make_signer

SEALED = [make_envelope(n, parts=[]) for n in range(5)]


def _receipt(n: int, stage: int, number: str, index: int) -> bytes:
    said = HallReceipt(
        env_id=make_id(n),
        envelope_sha256=hashlib.sha256(SEALED[n].slip).digest(),
        procedure="application",
        filing_no=number,
        filed=EPOCH,
        not_before=EPOCH,
        received=EPOCH + timedelta(minutes=1),
        log_index=index,
        stage=stage,
        key_id=make_signer(COUNTERSIGNER).key_id,
    )
    return sign_receipt(said, make_signer(COUNTERSIGNER))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A shelf with five filings, of which three became whole: eight leaves."""
    mail = HallMail(tmp_path / "mail")
    for n, sealed in enumerate(SEALED):
        mail.commit_slip(
            sealed.env_id,
            device="bus-07",
            slip=sealed.slip,
            header=sealed.header,
            sha256=hashlib.sha256(sealed.slip).digest(),
            at=EPOCH,
            receipt_for=partial(_receipt, n, 1),
        )
        if n < 3:
            mail.completed(sealed.env_id, partial(_receipt, n, 2))
    mail.close()
    return tmp_path / "mail"


def _run(capsys: pytest.CaptureFixture[str], place: Path, *more: str) -> tuple[int, str]:
    code = verify.main(["log", str(place), *more])
    said = capsys.readouterr()
    return code, said.out or said.err


def test_ok__an_untouched_log_holds(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    """Leaves, completions and the highest number are told, and its own heads are met."""
    code, said = _run(capsys, folder)
    told = json.loads(said)
    assert (code, told["filings"], told["completions"], told["other_leaves"]) == (0, 5, 3, 0)
    assert told["highest_number"] == filing_number(8, 5)
    mail = HallMail(folder)
    mail.keep_journal("bus-07", Checkpoint("", 4, bytes(32)), "note", EPOCH)
    heads = [f"{size}:{mail.log_root(size).hex()}" for size in (0, 1, 5, 8)]
    mail.close()
    assert told["head"] == heads[-1]
    assert [_run(capsys, folder, "--head", head)[0] for head in heads] == [0, 0, 0, 0]
    assert json.loads(_run(capsys, folder)[1])["journals_witnessed"] == {"bus-07": f"4:{'0' * 64}"}


@pytest.mark.parametrize("head", ["9", "5"])
def test_fail__a_head_somebody_remembers_is_not_in_it(
    capsys: pytest.CaptureFixture[str], folder: Path, head: str
) -> None:
    """A larger one: filings were lost; one of the same size with another root: two logs."""
    code, said = _run(capsys, folder, "--head", f"{head}:{'0' * 64}")
    assert (code, f"head of {head}" in said) == (1, True)


@pytest.mark.parametrize(
    ("statement", "place"),
    [
        ('UPDATE log SET hash = zeroblob(32) WHERE level = 0 AND "index" = 0', "leaf 0"),
        ('UPDATE log SET hash = zeroblob(32) WHERE level = 0 AND "index" = 1', "filing R8-"),
        ('UPDATE log SET hash = zeroblob(32) WHERE level = 1 AND "index" = 1', "subtree 1/1"),
        ("UPDATE log SET hash = zeroblob(32) WHERE level = 3", "subtree 3/0"),
        ('DELETE FROM log WHERE level = 0 AND "index" = 2', "leaf 2"),
        ('DELETE FROM log WHERE level = 0 AND "index" = 7', "filing R8-"),
        ("DELETE FROM log WHERE level = 2", "subtree 2/0"),
        ("INSERT INTO log VALUES (3, 1, zeroblob(32))", "subtree 3/1"),
        ("DELETE FROM log", "filing R8-"),
        ("UPDATE arrival SET slip = x'00' WHERE log_index = 2", "the slip is another"),
        ("UPDATE arrival SET receipt = x'00' WHERE log_index = 2", "can be read"),
        ("UPDATE arrival SET receipt = final_receipt WHERE log_index = 2", "stage 1"),
        ("UPDATE arrival SET final_receipt = receipt WHERE log_index = 2", "stage 2"),
        (
            "UPDATE arrival SET receipt = (SELECT receipt FROM arrival WHERE log_index = 0)",
            "it says other",
        ),
        (
            "UPDATE arrival SET final_receipt = (SELECT final_receipt FROM arrival WHERE log_index = 0)",
            "second says other",
        ),
        ("UPDATE counter SET value = 4 WHERE name = 'filings-R8'", "5 is above 4"),
    ],
)
def test_fail__what_was_changed_is_named(
    capsys: pytest.CaptureFixture[str], folder: Path, statement: str, place: str
) -> None:
    """Leaf, subtree, slip, receipt or counter: the first broken one with its place."""
    connection = sqlite.connect(folder / "hall.db")
    connection.execute(statement)
    connection.commit()
    connection.close()
    code, said = _run(capsys, folder)
    assert (code, place in said) == (1, True), said


def test_ok__an_erased_slip_leaves_its_leaf(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    """What was erased by right is counted; receipt and leaf still agree."""
    mail = HallMail(folder)
    mail.forget(SEALED[1].env_id)
    mail.close()
    code, said = _run(capsys, folder)
    assert (code, json.loads(said or "{}").get("slips_erased")) == (0, 1)


def test_fail__no_shelf_is_no_shelf(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """An empty folder, and a database of something else."""
    assert "there is no hall.db" in _run(capsys, tmp_path)[1]
    (tmp_path / "hall.db").write_bytes(b"")
    assert "no shelf of city hall" in _run(capsys, tmp_path)[1]
