"""sync.seal: the one place where plaintext becomes an envelope and an envelope plaintext."""

import hashlib
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync import seal as room
from sync.clock import ClockQuality
from sync.envelope import (
    HEADER_MAX,
    PARTS_MAX,
    RECORD_MAX,
    Envelope,
    Header,
    PartRole,
    encode_header,
    join_slip,
    split_slip,
)
from sync.errors import FailureKind, SealError
from sync.record import decode_record
from sync.seal import open_part, open_record, seal
from sync.verify import LABEL, part_root, verify_slip
from tests.support.garbage import damaged
from tests.support.makers import (
    BOX,
    DIVISION,
    READING,
    RECOVERY,
    counting_random,
    instant,
    make_envelope,
    make_id,
    make_opening_key,
    make_parts,
    make_record,
    make_signer,
)

SIGNER, THIEF = make_signer(BOX), make_signer(99)
DIVISION_KEY, RECOVERY_KEY = make_opening_key(DIVISION), make_opening_key(RECOVERY)
PARTS = make_parts(2)
ENVELOPE = make_envelope(1, parts=PARTS)
SLIP = ENVELOPE.slip


def kind_of(ask: Any) -> FailureKind:
    """Return why the asked thing does not open."""
    with pytest.raises(SealError) as caught:
        ask()
    return caught.value.kind


def resealed(header: Header, signer: Any = SIGNER, payload: bytes | None = None) -> bytes:
    """Return a slip with another header, properly signed."""
    data = encode_header(header)
    signatures = signer.sign(LABEL, hashlib.sha256(data).digest())
    return join_slip(data, signatures, split_slip(SLIP)[2] if payload is None else payload)


@pytest.mark.parametrize("key", [DIVISION_KEY, RECOVERY_KEY])
def test_ok__each_recipient_opens_the_record(key: Any) -> None:
    """Division and recovery read the same record."""
    assert decode_record(open_record(SLIP, key, SIGNER.public)) == make_record(1)


@pytest.mark.parametrize("index", range(4))
def test_ok__each_part_opens(index: int) -> None:
    """Previews and pages come back as they were."""
    data = ENVELOPE.parts[index]
    assert open_part(SLIP, index, data, DIVISION_KEY) == PARTS[index][1]
    assert open_part(SLIP, index, data, DIVISION_KEY, SIGNER.public) == PARTS[index][1]


def test_ok__the_header_says_what_the_caller_said() -> None:
    """Nothing on the outside is made up."""
    made = seal(
        env_id=make_id(5),
        sender="office",
        kind="visit_pack",
        visit=b"",
        signer=SIGNER,
        recipients=[(make_opening_key(READING).public, 3)],
        record=b"letter",
        parts=[],
        at=instant(7, quality=ClockQuality.HOLDOVER),
        journal=(41, bytes(range(32))),
        beacon=b"beacon",
        bundle_version=12,
        random=counting_random(),
    )
    header = verify_slip(made.slip, SIGNER.public)
    assert header == made.header
    assert (header.env_id, header.sender, header.kind) == (make_id(5), "office", "visit_pack")
    assert (header.journal_seq, header.journal_head) == (41, bytes(range(32)))
    assert (header.beacon, header.bundle_version, header.visit) == (b"beacon", 12, b"")
    assert header.time == instant(7, quality=ClockQuality.HOLDOVER)
    assert [one.role for one in header.recipients] == [3]
    assert open_record(made.slip, make_opening_key(READING), SIGNER.public) == b"letter"


def test_ok__the_data_key_is_the_given_randomness() -> None:
    """What is wrapped for the recipients is the 32 bytes that the caller's source gave, once."""
    asked: list[int] = []

    def source(size: int) -> bytes:
        asked.append(size)
        return bytes(size)

    made = make_envelope(2, random=source)
    assert asked == [32]
    assert open_record(made.slip, DIVISION_KEY, SIGNER.public)


def test_ok__sizes_tell_little() -> None:
    """Records and parts of near lengths have the same sealed length."""

    def lengths(size: int) -> list[int]:
        parts = [(PartRole.PREVIEW, bytes(size)), (PartRole.PAGE, bytes(size))]
        record = hashlib.shake_256(b"says nothing twice").digest(size)
        made = make_envelope(record=record, parts=parts)
        return [made.header.payload_length, *(part.length for part in made.header.parts)]

    assert lengths(1) == lengths(1000) == [1096, 1096, 1096]
    assert lengths(1021) == [2120, 2120, 2120]


def test_ok__a_record_is_compressed_before_it_is_sealed() -> None:
    """A record that repeats itself takes one step, whatever its length."""
    made = make_envelope(record="書類".encode() * 2000)
    assert made.header.payload_length == make_envelope(record=b"").header.payload_length
    assert open_record(made.slip, DIVISION_KEY, SIGNER.public) == "書類".encode() * 2000


def test_ok__an_envelope_holds_as_much_as_its_limits() -> None:
    """The longest record and 256 parts are sealed and opened; the header stays in its limit."""
    record = hashlib.shake_256(b"says nothing twice").digest(RECORD_MAX)
    made = make_envelope(record=record, parts=[(PartRole.PREVIEW, b"p")] * PARTS_MAX)
    assert open_record(made.slip, DIVISION_KEY, SIGNER.public) == record
    assert open_part(made.slip, 255, made.parts[255], DIVISION_KEY) == b"p"
    assert len(split_slip(made.slip)[0]) <= HEADER_MAX


def test_ok__nothing_of_the_content_shows() -> None:
    """A name in the record stands nowhere in the sealed bytes, in no encoding of text."""
    name = "窓口 花子"
    parts = [(PartRole.PREVIEW, name.encode())]
    made = make_envelope(record=name.encode(), parts=parts)
    for encoding in ("utf-8", "utf-16-le", "shift_jis", "euc-jp"):
        assert name.encode(encoding) not in made.slip + b"".join(made.parts)


@pytest.mark.parametrize(
    "wrong",
    [
        {"record": bytes(RECORD_MAX + 1)},
        {"parts": [(PartRole.PREVIEW, b"")] * (PARTS_MAX + 1)},
        {"parts": [(PartRole.RECORD, b"")]},
        {"recipients": []},
        {"recipients": [(DIVISION_KEY.public, 1), (DIVISION_KEY.public, 2)]},
        {"recipients": [(DIVISION_KEY.public, 0)]},
        {"sender": "Bus No. 7"},
        {"beacon": bytes(200)},
        {"journal": (0, b"")},
        {"random": lambda _size: b"short"},
    ],
)
def test_fail__what_could_not_be_opened_again_is_not_sealed(wrong: dict[str, Any]) -> None:
    """A wrong argument is a ValueError on the bus, never an envelope nobody can open."""
    with pytest.raises(ValueError, match=r"."):
        make_envelope(**wrong)


def test_fail__a_part_over_its_limit_is_not_sealed() -> None:
    """Sixty-four MiB of sealed bytes are the most that one part may have."""
    with pytest.raises(ValueError, match="part's length"):
        make_envelope(parts=[(PartRole.PAGE, bytes(64 << 20))])


def test_fail__a_key_that_is_no_recipient_does_not_match() -> None:
    """The box's own reading key does not open what it sealed for city hall."""
    own = make_opening_key(READING)
    assert kind_of(lambda: open_record(SLIP, own, SIGNER.public)) is FailureKind.NO_MATCH
    assert kind_of(lambda: open_part(SLIP, 0, ENVELOPE.parts[0], own)) is FailureKind.NO_MATCH


def test_fail__an_unverified_sender_opens_nothing() -> None:
    """The record of an envelope that another box signed stays closed."""
    assert kind_of(lambda: open_record(SLIP, DIVISION_KEY, THIEF.public)) is FailureKind.SIGNATURE
    data = ENVELOPE.parts[0]
    assert (
        kind_of(lambda: open_part(SLIP, 0, data, DIVISION_KEY, THIEF.public))
        is FailureKind.SIGNATURE
    )


@pytest.mark.parametrize(
    "change",
    [
        {"time": replace(instant(), wall=instant(-86_400).wall)},
        {"sender": "bus-08"},
        {"kind": "correction"},
        {"journal_seq": 7},
        {"journal_head": bytes(range(32))},
        {"visit": b"other"},
        {"beacon": b"other"},
        {"bundle_version": 2},
        {"env_id": make_id(77)},
        {"parts": ENVELOPE.header.parts[:1]},
        {"recipients": ENVELOPE.header.recipients[:1]},
    ],
)
def test_fail__a_stolen_envelope_cannot_be_told_otherwise(change: dict[str, Any]) -> None:
    """Even signed again with the box's own key, another date, road or recipient list does not open."""
    slip = resealed(replace(ENVELOPE.header, **change))
    assert kind_of(lambda: open_record(slip, DIVISION_KEY, SIGNER.public)) is FailureKind.NO_MATCH


def test_fail__a_stolen_envelope_cannot_be_signed_by_another_box() -> None:
    """A thief's own signature over a stolen content does not open."""
    slip = resealed(replace(ENVELOPE.header, sender_key_id=THIEF.key_id), THIEF)
    assert kind_of(lambda: open_record(slip, DIVISION_KEY, THIEF.public)) is FailureKind.NO_MATCH


def test_fail__parts_cannot_be_swapped_within_an_envelope() -> None:
    """A part under another number is not the promised one, and does not open if promised falsely."""
    with pytest.raises(SealError, match="not the one of the header") as caught:
        open_part(SLIP, 0, ENVELOPE.parts[2], DIVISION_KEY)
    assert caught.value.kind is FailureKind.PAYLOAD


def test_fail__a_sealed_record_that_does_not_decrypt_is_a_payload_failure() -> None:
    """A signer who sealed rubbish under a good header gives a payload failure."""
    payload = bytes(5000)
    forged = Envelope(ENVELOPE.header, b"", ())
    header = replace(
        forged.header,
        payload_length=len(payload),
        payload_sha256=hashlib.sha256(payload).digest(),
    )
    slip = resealed(rewrapped(header), payload=payload)
    assert kind_of(lambda: open_record(slip, DIVISION_KEY, SIGNER.public)) is FailureKind.PAYLOAD


def test_fail__a_sealed_part_that_does_not_decrypt_is_a_payload_failure() -> None:
    """The same for a part: its root fits, its bytes are rubbish."""
    rubbish = bytes(ENVELOPE.header.parts[0].length)
    part = replace(ENVELOPE.header.parts[0], root=part_root(rubbish))
    slip = resealed(rewrapped(replace(ENVELOPE.header, parts=(part,))))
    assert kind_of(lambda: open_part(slip, 0, rubbish, DIVISION_KEY)) is FailureKind.PAYLOAD


def rewrapped(header: Header) -> Header:
    """Return the header with a fresh data key wrapped for it, as its lawful signer could."""
    return room._wrapped(header, [DIVISION_KEY.public, RECOVERY_KEY.public], bytes(32))


@pytest.mark.parametrize("index", [-1, 4, 99])
def test_fail__a_part_the_header_does_not_have(index: int) -> None:
    """An index outside the list is a payload failure, never the last part by accident."""
    assert kind_of(lambda: open_part(SLIP, index, b"", DIVISION_KEY)) is FailureKind.PAYLOAD


@settings(max_examples=60)
@given(st.one_of(damaged(SLIP), st.binary(max_size=100)))
def test_fail__no_damage_opens(slip: bytes) -> None:
    """Whatever is changed in a slip, nothing but SealError comes out of it."""
    if slip == SLIP:
        return
    assert kind_of(lambda: open_record(slip, DIVISION_KEY, SIGNER.public)) in FailureKind


@settings(max_examples=60)
@given(damaged(ENVELOPE.parts[0]))
def test_fail__no_damaged_part_opens(data: bytes) -> None:
    """Whatever is changed in a part, it is a payload failure."""
    if data == ENVELOPE.parts[0]:
        return
    assert kind_of(lambda: open_part(SLIP, 0, data, DIVISION_KEY)) is FailureKind.PAYLOAD
