"""sync.envelope: the outside of a sealed thing."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync import canonical, envelope
from sync.clock import ClockQuality
from sync.envelope import (
    HEADER_MAX,
    MAGIC,
    PARTS_MAX,
    RECIPIENTS_MAX,
    SIGNATURE_SIZES,
    SLIP_MAX,
    Part,
    PartRole,
    Recipient,
    binding,
    decode_header,
    encode_header,
    join_slip,
    slip_sha256,
    split_slip,
)
from sync.errors import FailureKind, SealError
from tests.support.garbage import damaged, swapped
from tests.support.makers import instant, make_envelope

ENVELOPE = make_envelope(1)
HEADER = ENVELOPE.header
GOOD = encode_header(HEADER)
SLIP = ENVELOPE.slip
AFTER = len(MAGIC) + 4 + len(GOOD)


def recipient(n: int, role: int = 1, size: int = 1168) -> Recipient:
    """Return recipient number n of this wrapped size."""
    return Recipient(n.to_bytes(8, "big"), role, bytes(size))


def test_ok__a_header_comes_back_equal() -> None:
    """Every field survives the way through bytes."""
    assert decode_header(GOOD) == HEADER


def test_ok__the_envelope_is_named_by_its_header() -> None:
    """The idempotency key is the header's."""
    assert ENVELOPE.env_id == HEADER.env_id


@pytest.mark.parametrize("quality", list(ClockQuality))
def test_ok__every_clock_quality_travels(quality: ClockQuality) -> None:
    """What the box knew of its clock arrives."""
    header = replace(HEADER, time=instant(0.25, quality=quality, uncertainty_s=900, boot=7))
    assert decode_header(encode_header(header)) == header


def test_ok__the_fullest_header_fits() -> None:
    """256 parts of 64 MiB and eight recipients stay under 32 KiB."""
    header = replace(
        HEADER,
        sender="x" * 32,
        kind="k" * 32,
        visit=bytes(32),
        beacon=bytes(128),
        journal_seq=(1 << 63) - 1,
        recipients=tuple(recipient(n) for n in range(RECIPIENTS_MAX)),
        parts=tuple(Part(n, PartRole.PAGE, 64 << 20, bytes(32)) for n in range(PARTS_MAX)),
    )
    data = encode_header(header)
    assert decode_header(data) == header
    assert len(data) <= HEADER_MAX


@pytest.mark.parametrize(
    "change",
    [
        {"env_id": bytes(15)},
        {"sender": "Bus 7"},
        {"sender": ""},
        {"sender": "x" * 33},
        {"sender_key_id": bytes(4)},
        {"visit": bytes(33)},
        {"kind": "visit-pack"},
        {"journal_seq": -1},
        {"journal_head": b""},
        {"recipients": ()},
        {"recipients": tuple(recipient(n) for n in range(RECIPIENTS_MAX + 1))},
        {"recipients": (recipient(1), recipient(1))},
        {"recipients": (recipient(1, role=0),)},
        {"recipients": (recipient(1, role=4),)},
        {"recipients": (recipient(1, size=1167),)},
        {"payload_length": 0},
        {"payload_length": 1 << 30},
        {"payload_sha256": bytes(31)},
        {"parts": (Part(1, PartRole.PAGE, 10, bytes(32)),)},
        {"parts": (Part(0, PartRole.RECORD, 10, bytes(32)),)},
        {"parts": (Part(0, PartRole.PAGE, 0, bytes(32)),)},
        {"parts": (Part(0, PartRole.PAGE, (64 << 20) + 1, bytes(32)),)},
        {"parts": (Part(0, PartRole.PAGE, 10, bytes(20)),)},
        {"parts": tuple(Part(n, PartRole.PAGE, 1, bytes(32)) for n in range(PARTS_MAX + 1))},
        {"bundle_version": -1},
        {"beacon": bytes(129)},
        {"time": replace(HEADER.time, wall=HEADER.time.wall.replace(tzinfo=None))},
        {"time": replace(HEADER.time, uncertainty_s=-1)},
        {"time": replace(HEADER.time, uncertainty_s=1 << 32)},
        {"time": replace(HEADER.time, boot=0.5)},  # type: ignore[arg-type]  # wrong on purpose
    ],
)
def test_fail__a_header_beyond_a_rule_is_not_written(change: dict[str, Any]) -> None:
    """What a reader would refuse, the writer refuses first."""
    with pytest.raises(ValueError, match=r"must|at least one|canonical"):
        encode_header(replace(HEADER, **change))


@pytest.mark.parametrize(("key", "value"), [(1, 2), (1, True), (2, 2), (2, 0), (10, None)])
def test_fail__another_version_or_suite_is_a_header_failure(key: int, value: Any) -> None:
    """There is one suite per version and nothing to negotiate."""
    found = canonical.decode(GOOD, HEADER_MAX)
    with pytest.raises(SealError) as caught:
        decode_header(canonical.encode(found | {key: value}))
    assert caught.value.kind is FailureKind.HEADER


def test_fail__an_unknown_part_role_is_a_header_failure() -> None:
    """A role that no table names is refused."""
    found = canonical.decode(GOOD, HEADER_MAX)
    found[13][0][1] = 9
    with pytest.raises(SealError, match="header failure"):
        decode_header(canonical.encode(found))


def test_ok__the_binding_leaves_out_the_wrapped_keys_only() -> None:
    """Another wrapped key changes nothing, every other field does."""
    other = replace(HEADER, recipients=tuple(replace(r, wrapped=b"") for r in HEADER.recipients))
    assert binding(other) == binding(HEADER)
    assert binding(replace(HEADER, recipients=HEADER.recipients[:1])) != binding(HEADER)
    assert binding(replace(HEADER, sender="bus-08")) != binding(HEADER)
    assert binding(replace(HEADER, time=instant(1))) != binding(HEADER)


def test_ok__a_slip_splits_into_what_it_was_joined_from() -> None:
    """Header, signatures and payload come apart again, an empty payload too."""
    signatures = (b"a" * 64, b"b" * 2420)
    assert split_slip(join_slip(b"head", signatures, b"pay")) == (b"head", signatures, b"pay")
    assert split_slip(join_slip(b"", signatures, b"")) == (b"", signatures, b"")


def test_ok__the_slip_is_named_by_all_of_its_bytes() -> None:
    """One byte more is another envelope on the receipt."""
    assert slip_sha256(SLIP) != slip_sha256(SLIP + b"x")


@pytest.mark.parametrize(
    "slip",
    [
        b"",
        MAGIC,
        b"\x00" + SLIP[1:],
        MAGIC[:-1] + b"\x02" + SLIP[8:],
        SLIP[: AFTER + 100],
        SLIP[:8] + b"\xff\xff\xff\xff" + SLIP[12:],
        SLIP[:8] + (HEADER_MAX + 1).to_bytes(4, "big") + bytes(HEADER_MAX + 4000),
        SLIP[:AFTER] + b"\x01" + SLIP[AFTER + 1 :],
        SLIP[:AFTER] + b"\x02\x00\x41" + SLIP[AFTER + 3 :],
        SLIP + bytes(SLIP_MAX),
        bytearray(SLIP),
        None,
        "text",
    ],
)
def test_fail__a_slip_of_another_shape_is_a_header_failure(slip: Any) -> None:
    """Wrong mark, cut, overlong or no bytes at all: one kind of failure."""
    with pytest.raises(SealError) as caught:
        split_slip(slip)
    assert caught.value.kind is FailureKind.HEADER


def test_ok__sizes_are_those_of_the_byte_table() -> None:
    """The signature block has 2,489 bytes and a slip is never over its limit."""
    assert SIGNATURE_SIZES == (64, 2420)
    assert len(join_slip(b"", (bytes(64), bytes(2420)), b"")) == 12 + 2489


@given(st.one_of(st.binary(max_size=80), damaged(GOOD)))
def test_fail__garbage_is_a_header_failure(data: bytes) -> None:
    """Rubbish and damaged headers are refused or mean something that is written the same way."""
    try:
        header = decode_header(data)
    except SealError:
        return
    assert encode_header(header) == data


@settings(max_examples=200)
@given(swapped(canonical.decode(GOOD, HEADER_MAX)))
def test_fail__a_wrong_value_anywhere_is_a_header_failure(value: Any) -> None:
    """A well-formed header with a wrong type inside never gives another exception."""
    data = canonical.encode(value)
    try:
        header = decode_header(data)
    except SealError:
        return
    assert encode_header(header) == data


@given(damaged(SLIP))
def test_fail__a_damaged_slip_is_refused_or_joins_to_itself(slip: bytes) -> None:
    """Splitting loses no byte."""
    try:
        header, signatures, payload = split_slip(slip)
    except SealError:
        return
    assert join_slip(header, signatures, payload) == slip


def test_ok__the_limits_of_the_page_are_the_limits() -> None:
    """docs/envelope.md names them; a second reader counts on them."""
    assert (envelope.RECIPIENTS_MAX, envelope.PARTS_MAX, envelope.PART_MAX) == (8, 256, 67_108_864)
    assert (envelope.RECORD_MAX, envelope.PAYLOAD_MAX, envelope.HEADER_MAX) == (
        262_144,
        270_336,
        32_768,
    )
    assert (envelope.SLIP_MAX, envelope.BEACON_MAX, envelope.VISIT_MAX) == (305_605, 128, 32)
