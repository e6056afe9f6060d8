"""docs/envelope.md is enough: a reader written from it alone opens what sync.seal makes."""

import hashlib
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

from sync.clock import ClockQuality, Instant
from sync.envelope import PartRole
from sync.ids import filing_number
from sync.journal import GENESIS, next_entry
from sync.keys import OpeningKey, Signer, write_key
from sync.proof import log_leaf
from sync.receipt import Beacon, sign_beacon
from sync.record import encode_record
from tests.support import second_reader
from tests.support.makers import (
    DIVISION,
    RECOVERY,
    make_envelope,
    make_opening_key,
    make_parts,
    make_record,
    make_signer,
)

DOCUMENT = Path(__file__).parents[2] / "docs" / "envelope.md"
SIGNER = make_signer()


@pytest.mark.parametrize("number", [DIVISION, RECOVERY])
@pytest.mark.parametrize("pages", [0, 3])
def test_ok__the_second_reader_opens_an_envelope(number: int, pages: int) -> None:
    """Record and parts come out equal, for each recipient."""
    parts = make_parts(pages)
    made = make_envelope(pages, parts=parts)
    key = make_opening_key(number)
    record, contents = second_reader.open_envelope(
        made.slip, made.parts, key.seed, SIGNER.public.raw
    )
    assert record == encode_record(make_record(pages))
    assert contents == [content for _, content in parts]


@pytest.mark.parametrize("size", [0, 1, 16_379, 16_380, 16_381, 300_000])
def test_ok__the_second_reader_opens_every_length(size: int) -> None:
    """Empty, one chunk, exactly a chunk, one byte more, two pieces."""
    content = hashlib.shake_256(b"x").digest(size)
    made = make_envelope(parts=[(PartRole.PAGE, content)])
    key = make_opening_key(DIVISION)
    _, contents = second_reader.open_envelope(made.slip, made.parts, key.seed, SIGNER.public.raw)
    assert contents == [content]
    assert second_reader.part_root(made.parts[0]) == made.header.parts[0].root


def test_ok__the_second_reader_agrees_on_the_signatures() -> None:
    """Both signatures hold over what the page says they are made of."""
    raw, short, long, _ = second_reader.split(make_envelope().slip)
    digest, label = hashlib.sha256(raw).digest(), b"madobus/envelope/v1"
    public = SIGNER.public
    Ed25519PublicKey.from_public_bytes(public.ed25519).verify(short, label + b"\x00" + digest)
    MLDSA44PublicKey.from_public_bytes(public.mldsa44).verify(long, digest, label)


def test_ok__the_second_reader_agrees_on_the_header() -> None:
    """Keys, order and meaning of the header are those of tables 2 to 5."""
    made = make_envelope(5)
    header = second_reader.read(second_reader.split(made.slip)[0])
    assert second_reader.write(header) == second_reader.split(made.slip)[0]
    assert (header[1], header[2], header[3], header[4]) == (1, 1, made.env_id, "bus-07")
    assert header[10][2:] == ["synced", 1, 60_000]
    assert [one[1] for one in header[11]] == [1, 2]
    assert header[12][0] == len(second_reader.split(made.slip)[3])
    assert [part[:3] for part in header[13]] == [
        [part.index, part.role.value, part.length] for part in made.header.parts
    ]


def test_ok__the_second_reader_agrees_on_a_beacon() -> None:
    """The array and its signature are those of table 8."""
    moment = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
    data = sign_beacon(Beacon(moment, b"nonce", SIGNER.key_id, 2, 7), SIGNER)
    assert second_reader.read(data[:-64]) == [3, 1_795_482_000, b"nonce", SIGNER.key_id, 2, 7]
    Ed25519PublicKey.from_public_bytes(SIGNER.public.ed25519).verify(
        data[-64:], b"madobus/beacon/v1\x00" + data[:-64]
    )


def worked_examples() -> dict[str, str]:
    """Compute every value of the page's last table, in its order."""
    signer, opening = Signer.from_seed(bytes(32)), OpeningKey.from_seed(bytes(32))
    moment = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
    first = next_entry(
        GENESIS, "accepted", bytes(32), Instant(moment, 2, ClockQuality.SYNCED, 1, 60_000)
    )
    number = filing_number(8, 123)
    return {
        "signer id": signer.key_id.hex(),
        "ed25519": signer.public.ed25519.hex(),
        "signer": hashlib.sha256(signer.public.raw).hexdigest(),
        "opening id": opening.key_id.hex(),
        "opening": hashlib.sha256(opening.public.raw).hexdigest(),
        "filing": number,
        "leaf": log_leaf(bytes(32), number).hex(),
        "entry": first.hash.hex(),
        "check": write_key("signer", bytes(32)).split()[-1],
    }


def test_ok__the_worked_examples_are_true() -> None:
    """What the page prints is what the code computes today."""
    page = DOCUMENT.read_text(encoding="utf-8")
    table = page[page.index("## 14. Worked examples") :]
    assert re.findall(r"\| `([^`]+)` \|$", table, re.MULTILINE) == list(worked_examples().values())
