"""Frames as bytes: each goes round, garbage gives a numbered PeerError and nothing else."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync import canonical
from sync.errors import PeerError
from sync.frames import (
    FRAME_MAX,
    FRAMES,
    PIECE_MAX,
    Confirm,
    Down,
    Frame,
    Have,
    Hello,
    Journal,
    Offer,
    Piece,
    Ping,
    Pong,
    Pull,
    Receipt,
    Refuse,
    Time,
    Welcome,
    Witness,
    decode_frame,
    encode_frame,
)
from sync.refusals import Refused, ends_session

ID = bytes(range(16))
HASH = bytes(32)
SAMPLES: tuple[Frame, ...] = (
    Hello("bus-07", bytes(8), "a note", 3, ID, 77),
    Hello("bus-07", bytes(8), "", 0),
    Welcome(bytes(8), "note", (HASH, HASH)),
    Offer(ID, 9_000, 1, fresh=False),
    Offer(ID, 9_000, 0, fresh=False, receipt=b"what city hall said"),
    Have(ID, 1, ((0, 9_000), (2, 17))),
    Piece(ID, 2, 4_096, b"bytes"),
    Piece(ID, 256, 0, bytes(PIECE_MAX)),
    Confirm(ID, 2, 4_101),
    Receipt(ID, 2, b"receipt", b"proof", (HASH,)),
    Refuse(201, "the signature does not hold", ID),
    Refuse(105, "revoked"),
    Down(ID, "visit_pack", 0, 5, b"hello"),
    Time(bytes(16)),
    Ping(7, 3, 120),
    Pong(7),
    Pull(ID, 3),
    Journal("cosigned", "signed", (HASH,)),
    Witness("cosigned", taken=True),
)
# The first bytes on the wire of a session, as docs/protocol.md shows them.
VECTORS = (
    (Ping(7, 3, 120), "01840b07031878"),
    (Pong(7), "01820c07"),
    (Pull(ID, 3), "01830d50000102030405060708090a0b0c0d0e0f03"),
    (Confirm(ID, 2, 4_101), "01840650000102030405060708090a0b0c0d0e0f02191005"),
    (Refuse(105, "no"), "0184081869626e6f40"),
    (Witness("note", taken=False), "01830f646e6f7465f4"),
)


@pytest.mark.parametrize("frame", SAMPLES, ids=lambda frame: type(frame).__name__)
def test_ok__a_frame_goes_round(frame: Frame) -> None:
    """What is written is read back equal."""
    assert decode_frame(encode_frame(frame)) == frame


@pytest.mark.parametrize(("frame", "written"), VECTORS)
def test_ok__the_bytes_are_the_documented_ones(frame: Frame, written: str) -> None:
    """The vectors of docs/protocol.md."""
    assert encode_frame(frame).hex() == written


def test_every_kind_of_frame_has_a_sample() -> None:
    """No frame escapes the tests above."""
    assert {type(frame) for frame in SAMPLES} == set(FRAMES)


def test_the_numbers_run_from_one_without_a_gap() -> None:
    """A number names one kind of frame for ever."""
    assert [frame.NUMBER for frame in FRAMES] == list(range(1, len(FRAMES) + 1))


def test_the_longest_piece_fits_into_a_frame() -> None:
    """The frame's limit leaves room for the longest piece's outside."""
    assert len(encode_frame(Piece(ID, 256, 64 * 1024 * 1024, bytes(PIECE_MAX)))) <= FRAME_MAX


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", Refused.VERSION),
        (b"\x02\x82\x0c\x07", Refused.VERSION),
        (b"\x01" + bytes(FRAME_MAX), Refused.TOO_MUCH),
        (b"\x01", Refused.NOT_UNDERSTOOD),
        (b"\x01\x80", Refused.NOT_UNDERSTOOD),
        (b"\x01\xa0", Refused.NOT_UNDERSTOOD),
        (b"\x01\x81\x00", Refused.NOT_UNDERSTOOD),
        (b"\x01\x81\x18\x63", Refused.NOT_UNDERSTOOD),
        (b"\x01\x81\x0c", Refused.NOT_UNDERSTOOD),
        (b"\x01\x82\x0c\x20", Refused.NOT_UNDERSTOOD),
        (b"\x01\x82\x0c\xf5", Refused.NOT_UNDERSTOOD),
        (b"\x01\x83\x0c\x07\x07", Refused.NOT_UNDERSTOOD),
        (b"\x01\x82\x0c\x07\x00", Refused.NOT_UNDERSTOOD),
        (b"\x01\x82\x0c\xfb" + bytes(8), Refused.NOT_UNDERSTOOD),
    ],
)
def test_fail__a_frame(data: bytes, code: int) -> None:
    """Garbage is answered with its number."""
    with pytest.raises(PeerError) as caught:
        decode_frame(data)
    assert caught.value.code == code


@pytest.mark.parametrize(
    "values",
    [
        [3, ID, 9_000, 2, True],
        [3, ID, 9_000, 0, 1],
        [3, ID[:15], 9_000, 0, True],
        [4, ID, 3, []],
        [4, ID, 0, [[1]]],
        [4, ID, 0, [[257, 1]]],
        [4, ID, 0, [[0, 1]] * 258],
        [5, ID, 257, 0, b"x"],
        [5, ID, 0, 0, b""],
        [5, ID, 0, 0, bytes(PIECE_MAX + 1)],
        [7, ID, 1, b"r", b"p", [HASH] * 65],
        [7, ID, 1, b"r", b"p", [HASH[:31]]],
        [8, 1000, "no", b""],
        [10, b"short"],
    ],
)
def test_fail__a_field_out_of_its_bounds(values: list[object]) -> None:
    """One value beyond each limit is refused."""
    with pytest.raises(PeerError) as caught:
        decode_frame(b"\x01" + canonical.encode(values))
    assert caught.value.code == Refused.NOT_UNDERSTOOD


@given(st.binary(max_size=400))
def test_any_garbage_gives_a_frame_or_a_peer_error(data: bytes) -> None:
    """Nothing else ever leaves the reader."""
    try:
        frame = decode_frame(b"\x01" + data)
    except PeerError:
        return
    assert encode_frame(frame) == b"\x01" + data


@pytest.mark.parametrize("frame", SAMPLES[:6], ids=lambda frame: type(frame).__name__)
def test_a_frame_cut_anywhere_is_refused(frame: Frame) -> None:
    """No prefix of a frame is a frame."""
    data = encode_frame(frame)
    for end in {*range(min(len(data), 80)), len(data) - 1}:
        with pytest.raises(PeerError):
            decode_frame(data[:end])


def test_bytes_after_a_frame_are_refused() -> None:
    """One message is one frame."""
    with pytest.raises(PeerError):
        decode_frame(encode_frame(Pong(7)) + os.urandom(3))


def test_numbers_below_200_end_the_session() -> None:
    """A refusal's family is its first digit."""
    ending = {code.name for code in Refused if ends_session(code)}
    assert ending == {code.name for code in Refused if code // 100 == 1}
