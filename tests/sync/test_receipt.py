"""sync.receipt: signed words on paper and wire."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync import canonical, merkle, shape
from sync.errors import FailureKind, SealError
from sync.ids import filing_number
from sync.receipt import (
    BEACON_MAX,
    RECEIPT_MAX,
    Beacon,
    BoxReceipt,
    HallReceipt,
    bounded,
    own_hall_receipt,
    read_beacon,
    read_receipt,
    sign_beacon,
    sign_receipt,
)
from tests.support.garbage import damaged, swapped
from tests.support.makers import (
    BOX,
    COUNTERSIGNER,
    EPOCH,
    OFFICE,
    make_bundle,
    make_device,
    make_id,
    make_signer,
)

BUNDLE = make_bundle()
BOX_SIGNER, HALL_SIGNER = make_signer(BOX), make_signer(COUNTERSIGNER)
DIGEST = bytes(range(32))
SECOND = timedelta(seconds=1)
ON_BOX = BoxReceipt(
    env_id=make_id(1),
    envelope_sha256=DIGEST,
    procedure="care-renewal",
    filed=EPOCH + 60 * SECOND,
    not_before=EPOCH,
    uncertainty_s=2,
    journal_seq=41,
    device_key_id=BOX_SIGNER.key_id,
)
AT_HALL = HallReceipt(
    env_id=make_id(1),
    envelope_sha256=DIGEST,
    procedure="care-renewal",
    filing_no=filing_number(8, 123),
    filed=EPOCH + 60 * SECOND,
    not_before=EPOCH,
    received=EPOCH + 90 * SECOND,
    log_index=70_000,
    stage=1,
    key_id=HALL_SIGNER.key_id,
)
BEACON = Beacon(EPOCH, b"n" * 16, HALL_SIGNER.key_id)
BOX_DATA = sign_receipt(ON_BOX, BOX_SIGNER)
HALL_DATA = sign_receipt(AT_HALL, HALL_SIGNER)
BEACON_DATA = sign_beacon(BEACON, HALL_SIGNER)


def kind_of(ask: Any) -> FailureKind:
    """Return why the asked thing does not hold."""
    with pytest.raises(SealError) as caught:
        ask()
    return caught.value.kind


def hall_signed(values: list[Any], label: str = "hall-receipt/v1") -> bytes:
    """Return these values signed by city hall, whatever they are."""
    body = canonical.encode(values)
    return body + HALL_SIGNER.sign_short(label, body)


def test_ok__both_receipts_hold_under_the_bundle() -> None:
    """The box's word and the hall's word come back as they were given."""
    assert read_receipt(BOX_DATA, BUNDLE) == ON_BOX
    assert read_receipt(HALL_DATA, BUNDLE) == AT_HALL


def test_ok__a_function_may_find_the_key() -> None:
    """Where there is no bundle, any lookup by key id will do."""
    keys = {BOX_SIGNER.key_id: BOX_SIGNER.public}
    assert read_receipt(BOX_DATA, keys.get) == ON_BOX
    assert kind_of(lambda: read_receipt(HALL_DATA, keys.get)) is FailureKind.NO_MATCH


def test_fail__a_lookup_that_finds_another_key_is_no_match() -> None:
    """The key found must be the one named, or a wrong lookup would look like a forgery."""
    assert (
        kind_of(lambda: read_receipt(BOX_DATA, lambda _: HALL_SIGNER.public))
        is FailureKind.NO_MATCH
    )


def test_ok__a_receipt_outlives_its_box() -> None:
    """A revoked box's receipts still verify; whether they count is for people to say."""
    revoked = make_bundle(devices=[make_device(revoked=True)])
    assert read_receipt(BOX_DATA, revoked) == ON_BOX


def test_ok__receipts_fit_on_paper() -> None:
    """At most 200 bytes each, a beacon at most 120, for the longest values too."""
    longest = replace(
        AT_HALL,
        procedure="p" * 24,
        filing_no=filing_number(99, 999_999),
        log_index=merkle.SIZE_MAX,
    )
    assert len(BOX_DATA) <= len(HALL_DATA) < 180
    assert len(sign_receipt(longest, HALL_SIGNER)) <= RECEIPT_MAX
    assert len(BEACON_DATA) <= BEACON_MAX


def test_fail__a_receipt_that_would_not_fit_is_not_signed() -> None:
    """In the year 2500 seconds need more bytes; the limit speaks before the paper does."""
    far = datetime.fromisoformat("2500-01-01T00:00:00+00:00")
    late = replace(
        AT_HALL,
        procedure="p" * 24,
        filing_no=filing_number(99, 999_999),
        log_index=merkle.SIZE_MAX,
        filed=far,
        not_before=far,
        received=far,
    )
    with pytest.raises(ValueError, match="at most 200"):
        sign_receipt(late, HALL_SIGNER)


def test_ok__times_are_whole_seconds() -> None:
    """Fractions of a second are cut off, never rounded up."""
    data = sign_receipt(replace(ON_BOX, filed=ON_BOX.filed + 0.9 * SECOND), BOX_SIGNER)
    assert read_receipt(data, BUNDLE) == ON_BOX


@pytest.mark.parametrize(
    "receipt",
    [
        replace(ON_BOX, filed=EPOCH - SECOND),
        replace(ON_BOX, journal_seq=0),
        replace(ON_BOX, procedure="Care"),
        replace(ON_BOX, procedure="p" * 25),
        replace(ON_BOX, env_id=b""),
        replace(ON_BOX, uncertainty_s=-1),
    ],
)
def test_fail__a_box_receipt_beyond_a_rule_is_not_signed(receipt: BoxReceipt) -> None:
    """Filed before the last beacon, or a field of another shape."""
    with pytest.raises(ValueError, match=r"must|before"):
        sign_receipt(receipt, BOX_SIGNER)


@pytest.mark.parametrize(
    "receipt",
    [
        replace(AT_HALL, filed=EPOCH - SECOND),
        replace(AT_HALL, filed=EPOCH + 91 * SECOND),
        replace(AT_HALL, filing_no="R8-000123-5"),
        replace(AT_HALL, stage=0),
        replace(AT_HALL, stage=3),
        replace(AT_HALL, log_index=-1),
    ],
)
def test_fail__a_hall_receipt_beyond_a_rule_is_not_signed(receipt: HallReceipt) -> None:
    """Filed outside what is attested, a wrong filing number or stage."""
    with pytest.raises(ValueError, match=r"must|outside|check digit"):
        sign_receipt(receipt, HALL_SIGNER)


@pytest.mark.parametrize("late", [-61, 31])
def test_fail__a_signed_receipt_outside_its_bounds_is_refused(late: int) -> None:
    """Even a good signature does not move the filing time out of its bounds."""
    values = canonical.decode(HALL_DATA[:-64], 200)
    values[5] += late
    assert kind_of(lambda: read_receipt(hall_signed(values), BUNDLE)) is FailureKind.HEADER


def test_fail__a_signed_box_receipt_before_its_beacon_is_refused() -> None:
    """The same for the box's word."""
    values = canonical.decode(BOX_DATA[:-64], 200)
    values[4] -= 61
    body = canonical.encode(values)
    data = body + BOX_SIGNER.sign_short("box-receipt/v1", body)
    assert kind_of(lambda: read_receipt(data, BUNDLE)) is FailureKind.HEADER


def test_ok__bounds_belong_to_what_is_proven() -> None:
    """Filed in the very second of the beacon, and received in it too, is inside."""
    box = replace(ON_BOX, filed=EPOCH)
    hall = replace(AT_HALL, filed=EPOCH, received=EPOCH)
    assert read_receipt(sign_receipt(box, BOX_SIGNER), BUNDLE) == box
    assert read_receipt(sign_receipt(hall, HALL_SIGNER), BUNDLE) == hall


def test_ok__filing_times_are_moved_into_what_is_proven() -> None:
    """A slow clock is lifted to the beacon, a fast one held at the arrival, a right one kept."""
    early, right, late = EPOCH - SECOND, EPOCH + SECOND, EPOCH + 9 * SECOND
    arrival = EPOCH + 5 * SECOND
    assert bounded(early, EPOCH, arrival) == EPOCH
    assert bounded(right, EPOCH, arrival) == right
    assert bounded(late, EPOCH, arrival) == arrival
    assert bounded(late, EPOCH) == late


def test_ok__a_box_that_knows_no_time_still_gets_a_receipt() -> None:
    """A lower bound before 1970 is written as 1970, which bounds as little."""
    unbounded = replace(AT_HALL, not_before=shape.EPOCH - SECOND)
    told = read_receipt(sign_receipt(unbounded, HALL_SIGNER), BUNDLE)
    assert told == replace(AT_HALL, not_before=shape.EPOCH)


def test_fail__only_the_named_signer_signs() -> None:
    """A receipt that names another key is a bug found at once."""
    with pytest.raises(ValueError, match="another key"):
        sign_receipt(ON_BOX, HALL_SIGNER)
    with pytest.raises(ValueError, match="another key"):
        sign_beacon(BEACON, BOX_SIGNER)


def test_fail__roles_are_kept_apart() -> None:
    """The office's key signs no receipt, a box no hall receipt, the hall no box receipt."""
    office = make_signer(OFFICE)
    by_office = sign_receipt(replace(AT_HALL, key_id=office.key_id), office)
    by_box = sign_receipt(replace(AT_HALL, key_id=BOX_SIGNER.key_id), BOX_SIGNER)
    by_hall = sign_receipt(replace(ON_BOX, device_key_id=HALL_SIGNER.key_id), HALL_SIGNER)
    for data in (by_office, by_box, by_hall):
        assert kind_of(lambda data=data: read_receipt(data, BUNDLE)) is FailureKind.NO_MATCH


def test_fail__another_bundle_does_not_know_the_key() -> None:
    """A receipt of a city whose bundle is not here is no match."""
    empty = replace(BUNDLE, devices=(), countersigners=())
    assert kind_of(lambda: read_receipt(BOX_DATA, empty)) is FailureKind.NO_MATCH
    assert kind_of(lambda: read_receipt(HALL_DATA, empty)) is FailureKind.NO_MATCH
    assert kind_of(lambda: read_beacon(BEACON_DATA, empty)) is FailureKind.NO_MATCH


def test_ok__a_beacon_comes_back_with_its_nonce() -> None:
    """The hall's time, the box's own question, and the newest bundle by the longest numbers."""
    assert read_beacon(BEACON_DATA, BUNDLE) == BEACON
    longest = replace(BEACON, root=shape.COUNT_MAX, bundle=shape.COUNT_MAX)
    data = sign_beacon(longest, HALL_SIGNER)
    assert len(data) <= BEACON_MAX
    assert read_beacon(data, BUNDLE) == longest


def test_fail__a_beacon_is_no_receipt_and_a_receipt_no_beacon() -> None:
    """The form says what a signed word is."""
    assert kind_of(lambda: read_receipt(BEACON_DATA, BUNDLE)) is FailureKind.HEADER
    assert kind_of(lambda: read_beacon(BOX_DATA, BUNDLE)) is FailureKind.HEADER
    short = hall_signed([1, 0, b"n", HALL_SIGNER.key_id, 0, 0])
    assert kind_of(lambda: read_beacon(short, BUNDLE)) is FailureKind.HEADER


def test_fail__a_signature_for_another_form_does_not_count() -> None:
    """A hall receipt's bytes under a beacon's label are a signature failure."""
    values = canonical.decode(HALL_DATA[:-64], 200)
    data = hall_signed(values, "beacon/v1")
    assert kind_of(lambda: read_receipt(data, BUNDLE)) is FailureKind.SIGNATURE


@pytest.mark.parametrize("nonce", [b"", bytes(17)])
def test_fail__a_nonce_has_one_to_sixteen_bytes(nonce: bytes) -> None:
    """No nonce and too long a nonce are ValueErrors."""
    with pytest.raises(ValueError, match="nonce"):
        sign_beacon(replace(BEACON, nonce=nonce), HALL_SIGNER)


@pytest.mark.parametrize(
    "values", [None, 5, [], {1: 1}, [4], [True], ["1"], [None], [2], [1, 2, 3], [[2]]]
)
def test_fail__a_signed_value_of_another_shape_is_a_header_failure(values: Any) -> None:
    """Type before shape: whatever city hall might sign by mistake is refused in order."""
    data = hall_signed(values)
    assert kind_of(lambda: read_receipt(data, BUNDLE)) is FailureKind.HEADER


@pytest.mark.parametrize("data", [b"", bytes(64), bytes(300), None, "text", bytearray(BOX_DATA)])
def test_fail__what_is_no_receipt_at_all_is_a_header_failure(data: Any) -> None:
    """Too short, too long, or no bytes."""
    assert kind_of(lambda: read_receipt(data, BUNDLE)) is FailureKind.HEADER
    assert kind_of(lambda: read_beacon(data, BUNDLE)) is FailureKind.HEADER


@given(
    st.one_of(st.binary(max_size=210), damaged(BOX_DATA), damaged(HALL_DATA), damaged(BEACON_DATA))
)
def test_fail__garbage_is_a_seal_error(data: bytes) -> None:
    """No damage goes unnoticed and none gives another exception."""
    if data not in (BOX_DATA, HALL_DATA):
        assert kind_of(lambda: read_receipt(data, BUNDLE)) in FailureKind
    if data != BEACON_DATA:
        assert kind_of(lambda: read_beacon(data, BUNDLE)) in FailureKind


@settings(max_examples=150)
@given(swapped(canonical.decode(HALL_DATA[:-64], 200)))
def test_fail__a_wrong_value_anywhere_is_a_seal_error(value: Any) -> None:
    """A signed receipt with a wrong type inside never gives another exception."""
    data = hall_signed(value)
    try:
        receipt = read_receipt(data, BUNDLE)
    except SealError:
        return
    assert sign_receipt(receipt, HALL_SIGNER) == data


def test_ok__city_hall_reads_its_own_receipt_without_the_key() -> None:
    """Another key's signature or none: what its shelf holds is what it said."""
    assert own_hall_receipt(HALL_DATA) == AT_HALL
    assert own_hall_receipt(HALL_DATA[:-64] + bytes(64)) == AT_HALL


@pytest.mark.parametrize("data", [BOX_DATA, BEACON_DATA, HALL_DATA[:70], b""])
def test_fail__what_is_no_hall_receipt(data: bytes) -> None:
    """A box's receipt, a beacon, a piece."""
    assert kind_of(lambda: own_hall_receipt(data)) is FailureKind.HEADER


def test_fail__an_own_receipt_with_impossible_times() -> None:
    """Damaged on the disk is damaged."""
    values = canonical.decode(HALL_DATA[:-64], RECEIPT_MAX)
    values[7] = 1
    assert kind_of(lambda: own_hall_receipt(hall_signed(values))) is FailureKind.HEADER
