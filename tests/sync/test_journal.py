"""sync.journal: the chain of what a box has done, and signed notes about logs."""

import base64
import hashlib
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync import canonical, merkle
from sync.errors import FailureKind, SealError
from sync.journal import (
    GENESIS,
    Checkpoint,
    JournalEntry,
    checkpoint,
    claimed_size,
    decode_entry,
    encode_entry,
    impossible_orders,
    next_entry,
    read_checkpoint,
    verify_chain,
)
from tests.support.garbage import damaged, swapped
from tests.support.makers import instant, make_signer

SIGNER, OTHER = make_signer(1), make_signer(2)
ORIGIN = "box-07.example.jp/journal"
ROOT_HASH = hashlib.sha256(b"root").digest()
NOTE = checkpoint(ORIGIN, 7, ROOT_HASH, SIGNER)


def chain(count: int) -> list[JournalEntry]:
    """Return this many entries that follow each other, a second apart."""
    made: list[JournalEntry] = []
    for n in range(count):
        head = (made[-1].seq, made[-1].hash) if made else GENESIS
        made.append(next_entry(head, "accepted", bytes([n]) * 32, instant(n)))
    return made


CHAIN = chain(5)
GOOD = encode_entry(CHAIN[0])


def test_ok__an_entry_follows_its_head() -> None:
    """Sequence, previous hash and all facts stand in the entry."""
    at = instant(9, boot=4)
    entry = next_entry((7, ROOT_HASH), "visit_open", bytes(32), at)
    assert entry == JournalEntry(
        8, ROOT_HASH, "visit_open", bytes(32), at.wall, at.monotonic_ms, at.boot
    )


def test_ok__an_entry_comes_back_equal() -> None:
    """Every field and the hash survive the way through bytes."""
    assert decode_entry(GOOD) == CHAIN[0]
    assert decode_entry(GOOD).hash == CHAIN[0].hash


@pytest.mark.parametrize(
    "change",
    [
        {"seq": 2},
        {"prev": ROOT_HASH},
        {"kind": "sent"},
        {"object_hash": ROOT_HASH},
        {"wall": instant(1).wall},
        {"monotonic_ms": 1},
        {"boot": 2},
    ],
)
def test_ok__the_hash_covers_every_field(change: dict[str, Any]) -> None:
    """Whatever is changed, the hash is another."""
    assert replace(CHAIN[0], **change).hash != CHAIN[0].hash


def test_ok__a_chain_verifies_to_its_head() -> None:
    """From the beginning, in two halves, and when empty."""
    head = (CHAIN[-1].seq, CHAIN[-1].hash)
    assert verify_chain(CHAIN) == head
    assert verify_chain(CHAIN[3:], verify_chain(CHAIN[:3])) == head
    assert verify_chain([]) == GENESIS


@pytest.mark.parametrize(
    "entries",
    [
        CHAIN[1:],
        CHAIN[:2] + CHAIN[3:],
        [CHAIN[0], CHAIN[0]],
        [CHAIN[1], CHAIN[0]],
        [replace(CHAIN[0], kind="sent"), *CHAIN[1:]],
        [CHAIN[0], replace(CHAIN[1], prev=ROOT_HASH)],
    ],
)
def test_fail__a_changed_chain_does_not_verify(entries: list[JournalEntry]) -> None:
    """An entry taken out, doubled, moved or changed is named."""
    with pytest.raises(SealError, match="does not follow") as caught:
        verify_chain(entries)
    assert caught.value.kind is FailureKind.PAYLOAD


def test_ok__order_in_time_is_told_by_boot_and_monotonic() -> None:
    """A step back within a boot or between boots is named; wall time and small races are not."""
    entry = CHAIN[0]
    entries = [
        replace(entry, seq=1, boot=2, monotonic_ms=5000),
        replace(entry, seq=2, boot=2, monotonic_ms=4500, wall=instant(-9).wall),
        replace(entry, seq=3, boot=2, monotonic_ms=1000),
        replace(entry, seq=4, boot=3, monotonic_ms=0),
        replace(entry, seq=5, boot=1, monotonic_ms=9999),
    ]
    assert impossible_orders(entries) == (3, 5)
    assert impossible_orders(entries[:1]) == impossible_orders([]) == ()


@pytest.mark.parametrize(
    ("head", "kind", "digest"),
    [
        (GENESIS, "Accepted", bytes(32)),
        (GENESIS, "accepted", bytes(31)),
        ((-1, bytes(32)), "accepted", bytes(32)),
        ((0, b""), "accepted", bytes(32)),
    ],
)
def test_fail__an_entry_beyond_a_rule_is_not_made(
    head: tuple[int, bytes], kind: str, digest: bytes
) -> None:
    """A wrong kind, hash or head is a ValueError before anything is committed."""
    with pytest.raises(ValueError, match="must"):
        next_entry(head, kind, digest, instant())


def test_fail__an_entry_beyond_a_rule_is_not_written() -> None:
    """Writing checks what reading would."""
    with pytest.raises(ValueError, match="kind"):
        encode_entry(replace(CHAIN[0], kind="Bad kind"))


@pytest.mark.parametrize(("step_ms", "named"), [(-1000, ()), (-1001, (2,))])
def test_ok__two_processes_may_race_by_a_second(step_ms: int, named: tuple[int, ...]) -> None:
    """A second back is a race between processes, more is a clock that was moved."""
    later = replace(CHAIN[0], seq=2, monotonic_ms=CHAIN[0].monotonic_ms + step_ms)
    assert impossible_orders([CHAIN[0], later]) == named


@given(st.one_of(st.binary(max_size=80), damaged(GOOD)))
def test_fail__garbage_is_a_value_error(data: bytes) -> None:
    """Rubbish and damaged entries are refused or mean something that is written the same way."""
    try:
        entry = decode_entry(data)
    except ValueError:
        return
    assert encode_entry(entry) == data


@settings(max_examples=100)
@given(swapped(canonical.decode(GOOD, 256)))
def test_fail__a_wrong_value_anywhere_is_a_value_error(value: Any) -> None:
    """A well-formed entry with a wrong type inside never gives another exception."""
    data = canonical.encode(value)
    try:
        entry = decode_entry(data)
    except ValueError:
        return
    assert encode_entry(entry) == data


def test_ok__a_checkpoint_says_what_was_signed() -> None:
    """Origin, size and root come back under the signer's key."""
    assert read_checkpoint(NOTE, SIGNER.public) == Checkpoint(ORIGIN, 7, ROOT_HASH)


def test_ok__a_checkpoint_is_a_signed_note() -> None:
    """Three lines, an empty one, then dash, name and base64 of key hash and Ed25519."""
    text, _, last = NOTE.partition("\n\n")
    assert text.split("\n") == [ORIGIN, "7", base64.b64encode(ROOT_HASH).decode()]
    dash, name, signature = last.rstrip("\n").split(" ")
    raw = base64.b64decode(signature)
    named = ORIGIN.encode() + b"\n\x01" + SIGNER.public.ed25519
    assert (dash, name) == ("\u2014", ORIGIN)
    assert raw[:4] == hashlib.sha256(named).digest()[:4]
    SIGNER.public.verify_note((text + "\n").encode(), raw[4:])


def test_ok__a_checkpoint_may_carry_one_more_line() -> None:
    """The extension is signed with the rest: taken out, the signature does not hold."""
    note = checkpoint(ORIGIN, 7, ROOT_HASH, SIGNER, "R8-000123-6")
    assert read_checkpoint(note, SIGNER.public).extra == "R8-000123-6"
    with pytest.raises(SealError) as caught:
        read_checkpoint(note.replace("R8-000123-6\n", ""), SIGNER.public)
    assert caught.value.kind is FailureKind.SIGNATURE


@pytest.mark.parametrize("extra", ["\n", " x", "令和", "x" * 65])
def test_fail__another_extension_is_not_signed(extra: str) -> None:
    """One line of plain signs."""
    with pytest.raises(ValueError, match="extension"):
        checkpoint(ORIGIN, 7, ROOT_HASH, SIGNER, extra)


@pytest.mark.parametrize(("text", "size"), [(NOTE, 7), ("", 0), ("madobus\n7\n", 0)])
def test_what_a_note_claims_needs_no_key(text: str, size: int) -> None:
    """For a proof that is asked for; text that is no note claims nothing."""
    assert claimed_size(text) == size


def test_fail__another_key_is_no_match() -> None:
    """A note signed by somebody else is told apart from a changed one."""
    with pytest.raises(SealError) as caught:
        read_checkpoint(NOTE, OTHER.public)
    assert caught.value.kind is FailureKind.NO_MATCH


def test_fail__a_changed_note_is_a_signature_failure() -> None:
    """Another size under the same signature does not hold."""
    with pytest.raises(SealError) as caught:
        read_checkpoint(NOTE.replace("\n7\n", "\n8\n"), SIGNER.public)
    assert caught.value.kind is FailureKind.SIGNATURE


@pytest.mark.parametrize(
    "text",
    [
        "",
        NOTE[:-1],
        NOTE + "\n",
        NOTE.replace("\n7\n", "\n07\n"),
        NOTE.replace("\n7\n", "\n-7\n"),
        NOTE.replace("\n7\n", "\n9999999999999999999\n"),
        NOTE.replace("\n\n", "\n two words\n\n"),
        NOTE.replace("\n\n", "\none\ntwo\n\n"),
        NOTE.replace("\n\n", "\n\n\n"),
        NOTE.replace("\u2014", "-"),
        NOTE.replace(ORIGIN, "Box 07"),
        NOTE.replace(base64.b64encode(ROOT_HASH).decode(), "AAAA"),
        NOTE.replace(base64.b64encode(ROOT_HASH).decode(), "*" * 44),
        NOTE[:-2] + "AAAA\n",
        NOTE.replace("\n", "\r\n"),
        " " * 2000,
        None,
    ],
)
def test_fail__other_text_is_a_header_failure(text: Any) -> None:
    """A note has one layout, one spelling of numbers and of base64."""
    with pytest.raises(SealError) as caught:
        read_checkpoint(text, SIGNER.public)
    assert caught.value.kind is FailureKind.HEADER


def test_fail__spare_bits_in_base64_are_a_header_failure() -> None:
    """One root has one spelling."""
    written = base64.b64encode(ROOT_HASH).decode()
    spare = written[:-2] + chr(ord(written[-2]) + 1) + "="
    assert base64.b64decode(spare) == ROOT_HASH
    with pytest.raises(SealError, match="spare bits"):
        read_checkpoint(NOTE.replace(written, spare), SIGNER.public)


@pytest.mark.parametrize(
    ("origin", "size", "root"),
    [
        ("Box 7", 1, ROOT_HASH),
        ("box-7\n", 1, ROOT_HASH),
        ("box-7", -1, ROOT_HASH),
        ("box-7", merkle.SIZE_MAX + 1, ROOT_HASH),
        ("box-7", 1, b""),
    ],
)
def test_fail__a_note_beyond_a_rule_is_not_signed(origin: str, size: int, root: bytes) -> None:
    """A reader would refuse it, so the signer does."""
    with pytest.raises(ValueError, match="checkpoint"):
        checkpoint(origin, size, root, SIGNER)


@given(st.text(max_size=60), st.integers(0, len(NOTE)), st.integers(0, 60))
def test_fail__garbage_is_a_seal_error(put: str, place: int, cut: int) -> None:
    """Text with anything put in and cut out is refused, or says the same."""
    text = NOTE[:place] + put + NOTE[place + cut :]
    try:
        found = read_checkpoint(text, SIGNER.public)
    except SealError:
        return
    assert (text, found) == (NOTE, Checkpoint(ORIGIN, 7, ROOT_HASH))
