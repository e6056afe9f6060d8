"""What must hold before city hall's word counts; each forgery is told from the others."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from appliance.mail.models import HallHead
from appliance.mail.store import MailStore
from appliance.uplink.evidence import NOTHING_KNOWN, Evidence, HistoryBrokenError
from appliance.uplink.trust import Trust
from sync.errors import SealError
from sync.events import Receipted
from sync.frames import LOG_ORIGIN
from sync.journal import checkpoint
from sync.keys import Signer
from sync.merkle import Tree, leaf_hash
from sync.receipt import (
    Beacon,
    HallReceipt,
    Proof,
    encode_proof,
    log_leaf,
    sign_beacon,
    sign_receipt,
)
from tests.support.makers import (
    COUNTERSIGNER,
    instant,
    make_bundle,
    make_envelope,
    make_id,
    make_signer,
)
from tests.support.roots import bundle_text, root_text

ROOT = 77
HALL = make_signer(COUNTERSIGNER)
STRANGER = make_signer(98)
NUMBER = "R8-000001-4"


class Hall:
    """A hall that can lie: a log, and receipts under any key."""

    def __init__(self, slip: bytes) -> None:
        self.digest = hashlib.sha256(slip).digest()
        self.tree = Tree([leaf_hash(b"earlier"), log_leaf(self.digest, NUMBER)])

    def note(self, signer: Signer = HALL, *, origin: str = LOG_ORIGIN) -> str:
        """Return the log's signed head."""
        return checkpoint(origin, len(self.tree), self.tree.root(), signer)

    def word(
        self,
        *,
        signer: Signer = HALL,
        digest: bytes | None = None,
        index: int = 1,
        stage: int = 1,
        told_stage: int = 1,
        note: str | None = None,
        path: tuple[bytes, ...] = (),
    ) -> Receipted:
        """Return a receipt as it comes over the wire."""
        at = instant().wall
        receipt = HallReceipt(
            env_id=make_id(),
            envelope_sha256=digest or self.digest,
            procedure="application",
            filing_no=NUMBER,
            filed=at,
            not_before=at,
            received=at,
            log_index=index,
            stage=stage,
            key_id=signer.key_id,
        )
        proof = Proof(
            len(self.tree), self.tree.root(), tuple(self.tree.inclusion(1)), note or self.note()
        )
        signed = sign_receipt(receipt, signer)
        return Receipted(make_id(), told_stage, signed, encode_proof(proof), path)


@pytest.fixture
def trust(tmp_path: Path) -> Trust:
    """The box's bundle and root key."""
    (tmp_path / "bundle.json").write_text(bundle_text(make_bundle(2), ROOT))
    (tmp_path / "root.json").write_text(root_text(ROOT))
    return Trust(tmp_path / "bundle.json", tmp_path / "root.json")


@pytest.fixture
def mail(tmp_path: Path) -> MailStore:
    """A shelf with one application."""
    found = MailStore(tmp_path / "mail")
    found.keep(make_envelope(), deadline=None, at=instant(), receipt_for=lambda _entry: b"box")
    return found


@pytest.fixture
def evidence(trust: Trust, mail: MailStore) -> Evidence:
    """What the uplink checks with."""
    return Evidence(trust, mail)


@pytest.fixture
def hall(mail: MailStore) -> Hall:
    """A hall that filed the application."""
    return Hall(mail.slip(make_id()))


def test_ok__a_receipt_with_its_proof(evidence: Evidence, hall: Hall) -> None:
    """The receipt and the head it was proven under come out."""
    proven = evidence.receipt(NOTHING_KNOWN, hall.word())
    assert proven.receipt.filing_no == NUMBER
    assert proven.head == HallHead(2, hall.tree.root(), hall.note())


def test_fail__a_receipt_of_a_strangers_key(evidence: Evidence, hall: Hall) -> None:
    """The bundle does not name it."""
    with pytest.raises(SealError):
        evidence.receipt(NOTHING_KNOWN, hall.word(signer=STRANGER))


def test_fail__a_receipt_for_another_slip(evidence: Evidence, hall: Hall) -> None:
    """The digest is not our slip's."""
    with pytest.raises(SealError, match="another envelope"):
        evidence.receipt(NOTHING_KNOWN, hall.word(digest=bytes(32)))


def test_fail__a_receipt_of_another_stage(evidence: Evidence, hall: Hall) -> None:
    """The frame says complete, the signature says arrived."""
    with pytest.raises(SealError, match="another stage"):
        evidence.receipt(NOTHING_KNOWN, hall.word(told_stage=2))


def test_fail__a_filing_that_is_not_in_the_log(evidence: Evidence, hall: Hall) -> None:
    """The place it names holds something else."""
    with pytest.raises(SealError, match="not in the log"):
        evidence.receipt(NOTHING_KNOWN, hall.word(index=0))


def test_fail__a_proof_under_another_head(evidence: Evidence, hall: Hall) -> None:
    """The signed note speaks of another root than the proof."""
    other = checkpoint(LOG_ORIGIN, 2, bytes(32), HALL)
    with pytest.raises(SealError, match="not in the log"):
        evidence.receipt(NOTHING_KNOWN, hall.word(note=other))


def test_fail__a_proof_that_is_garbage(evidence: Evidence, hall: Hall) -> None:
    """It is no proof at all."""
    with pytest.raises(SealError):
        evidence.receipt(NOTHING_KNOWN, replace(hall.word(), proof=b"\x00"))


@pytest.mark.parametrize("origin", [LOG_ORIGIN, "madobus/other"])
def test_fail__a_head_of_a_strangers_key_or_another_log(
    evidence: Evidence, hall: Hall, origin: str
) -> None:
    """Only the countersigner speaks for the filing log."""
    signer = STRANGER if origin == LOG_ORIGIN else HALL
    with pytest.raises(SealError):
        evidence.grown(NOTHING_KNOWN, hall.note(signer, origin=origin), ())


def test_ok__a_head_that_grew(evidence: Evidence, hall: Hall) -> None:
    """The consistency path proves it."""
    known = evidence.grown(NOTHING_KNOWN, hall.note(), ())
    hall.tree.append(leaf_hash(b"later"))
    path = tuple(hall.tree.consistency(2))
    assert evidence.grown(known, hall.note(), path).size == 3


@pytest.mark.parametrize("leaves", [[b"other", b"leaves"], [b"one"], [b"a", b"b", b"c"]])
def test_fail__a_head_that_does_not_extend_the_known_one(
    evidence: Evidence, hall: Hall, leaves: list[bytes]
) -> None:
    """Another history of the same size, a shorter one, a longer one: the new head comes out with the alarm."""
    known = evidence.grown(NOTHING_KNOWN, hall.note(), ())
    hall.tree = Tree([leaf_hash(leaf) for leaf in leaves])
    path = tuple(hall.tree.consistency(2)) if len(leaves) > 2 else ()
    with pytest.raises(HistoryBrokenError) as caught:
        evidence.grown(known, hall.note(), path)
    assert caught.value.head == HallHead(len(leaves), hall.tree.root(), hall.note())


def test_a_beacon_must_answer_our_nonce(evidence: Evidence) -> None:
    """Yesterday's beacon for another nonce is not the time."""
    beacon = sign_beacon(Beacon(instant().wall, bytes(16), HALL.key_id), HALL)
    evidence.beacon(beacon, bytes(16))
    with pytest.raises(SealError, match="another nonce"):
        evidence.beacon(beacon, b"\x01" * 16)


def test_a_newer_bundle_that_does_not_come_is_logged_once(
    evidence: Evidence, caplog: pytest.LogCaptureFixture
) -> None:
    """City hall's signed time names the newest bundle; the box holds version 2 of root 1."""
    for root, bundle in ((1, 2), (0, 0), (1, 3), (1, 3), (2, 1)):
        told = Beacon(instant().wall, bytes(16), HALL.key_id, root, bundle)
        evidence.beacon(sign_beacon(told, HALL), bytes(16))
    behind = [one.getMessage() for one in caplog.records if "bundle.behind" in one.getMessage()]
    assert behind == ["bundle.behind told=3 held=2", "bundle.behind told=1 held=2"]


def test_without_a_countersigner_nothing_counts(
    trust: Trust, evidence: Evidence, hall: Hall
) -> None:
    """A newer bundle that names none is taken, and with it every word of the hall is refused."""
    bare = replace(make_bundle(3), countersigners=())
    trust.offer(bundle_text(bare, ROOT).encode())
    assert trust.bundle() == bare
    with pytest.raises(SealError, match="names no countersigner"):
        evidence.grown(NOTHING_KNOWN, hall.note(), ())


@pytest.mark.parametrize(
    "body",
    [
        bundle_text(make_bundle(1), ROOT).encode(),
        bundle_text(make_bundle(3), 98).encode(),
        bundle_text(replace(make_bundle(2), recovery=()), ROOT).encode(),
        b"{}",
        b"\xff\xfe",
    ],
)
def test_an_older_forked_or_forged_bundle_is_not_taken(trust: Trust, body: bytes) -> None:
    """The one held stays."""
    before = trust.bundle()
    trust.offer(body)
    assert trust.bundle() == before


def test_a_newer_bundle_stays_after_a_restart(tmp_path: Path, trust: Trust) -> None:
    """It is on disk before it counts."""
    trust.offer(bundle_text(make_bundle(3), ROOT).encode())
    again = Trust(tmp_path / "bundle.json", tmp_path / "root.json")
    assert again.bundle().version == 3


def test_an_older_bundle_never_takes_the_place_of_one_a_stick_brought(
    tmp_path: Path, trust: Trust
) -> None:
    """The carry writes the file beside the running uplink; a letter that is late changes nothing."""
    newer = bundle_text(make_bundle(4), ROOT)
    (tmp_path / "bundle.json").write_text(newer)
    trust.offer(bundle_text(make_bundle(3), ROOT).encode())
    assert (trust.bundle().version, (tmp_path / "bundle.json").read_text()) == (4, newer)


def test_a_damaged_file_is_mended_by_the_next_bundle(tmp_path: Path, trust: Trust) -> None:
    """What lies there counts for nothing once it cannot be read."""
    (tmp_path / "bundle.json").write_text("{")
    trust.offer(bundle_text(make_bundle(3), ROOT).encode())
    assert Trust(tmp_path / "bundle.json", tmp_path / "root.json").bundle().version == 3


def test_fail__no_root_key(tmp_path: Path) -> None:
    """A box without its city's root believes nobody and does not start."""
    with pytest.raises(FileNotFoundError):
        Trust(tmp_path / "bundle.json", tmp_path / "nowhere.key")
