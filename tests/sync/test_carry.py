"""sync.carry: a session as files; what is damaged is known before anything of it counts."""

import hashlib
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync import canonical, carry
from sync.carry import (
    BODY_MAX,
    HEAD_MAX,
    MAGIC,
    VOLUME_MAX,
    Place,
    Volume,
    Way,
    decode_volume,
    encode_volume,
    file_name,
    read_name,
)
from sync.errors import PeerError
from sync.frames import Ping, Pull, encode_frame
from sync.refusals import Refused

SET = bytes(range(8))
MADE = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
PLACE = Place("bus-07", Way.UP, SET, 1)
VOLUME = Volume(
    PLACE,
    session=bytes(8),
    last=True,
    made=MADE,
    frames=(encode_frame(Ping(7, 3, 120)), encode_frame(Pull(bytes(16), 3))),
)

VECTOR = bytes.fromhex(
    "6d61646f6275732d63617272792f310a"
    "00000047"
    "8a01666275732d303748000000000000000048000102030405060701f51a6b04e1900218245820"
    "337c7697f3f7efc6a8fea9a2d2b09bfce6e8c416689f8c8b5d49ddfdf80ed43f"
    "00000004"
    "7365616c"
    "00000007"
    "01840b07031878"
    "00000015"
    "01830d500000000000000000000000000000000003"
)


def seal(_head: bytes) -> bytes:
    """Stand in for a signature."""
    return b"seal"


def written(volume: Volume = VOLUME) -> bytes:
    """Return a volume's bytes."""
    return encode_volume(volume, seal)


@pytest.mark.parametrize("way", Way)
@pytest.mark.parametrize("frames", [(), VOLUME.frames])
def test_a_volume_comes_back(way: Way, frames: tuple[bytes, ...]) -> None:
    """Both ways, also an empty one; the seal is over the head."""
    volume = replace(VOLUME, place=replace(PLACE, way=way), frames=frames)
    found = decode_volume(encode_volume(volume, lambda head: head[::-1]))
    assert (found.volume, found.seal) == (volume, found.head[::-1])


def test_the_vector_of_the_page() -> None:
    """docs/protocol.md, "The carry"."""
    page = Path(__file__).parents[2] / "docs" / "protocol.md"
    assert written() == VECTOR
    assert VECTOR.hex() in "".join(page.read_text(encoding="utf-8").split())


def refusal(data: bytes) -> tuple[int, str]:
    """Return number and sentence of a file that is refused."""
    with pytest.raises(PeerError) as failure:
        decode_volume(data)
    return failure.value.code, str(failure.value)


@pytest.mark.parametrize("size", range(1, len(written()), 7))
def test_fail__a_file_that_was_cut(size: int) -> None:
    """Wherever it was cut, the sentence says so and what to do."""
    code, sentence = refusal(written()[:size])
    assert code == Refused.NOT_UNDERSTOOD
    assert "it is cut" in sentence
    assert "export onto the stick again" in sentence


@given(place=st.integers(0, len(written()) - 1), flip=st.integers(1, 255))
def test_fail__a_file_with_one_wrong_byte(place: int, flip: int) -> None:
    """Only head or seal can pass here with another byte, and whoever checks the seal over the head finds it."""
    whole, data = decode_volume(written()), bytearray(written())
    data[place] ^= flip
    with suppress(PeerError):
        found = decode_volume(bytes(data))
        assert (found.head, found.seal) != (whole.head, whole.seal)


@given(st.binary(max_size=300))
def test_fail__a_file_of_somebody_else(data: bytes) -> None:
    """Any bytes give a number and a sentence."""
    code, _ = refusal(data)
    assert code in {Refused.NOT_UNDERSTOOD, Refused.VERSION}


@given(st.binary(max_size=300))
def test_fail__rubbish_behind_the_first_line(data: bytes) -> None:
    """One family of error for all of it."""
    assert refusal(MAGIC + data)[0] == Refused.NOT_UNDERSTOOD


def test_fail__a_file_that_is_too_long() -> None:
    """It is not even looked at."""
    assert refusal(bytes(VOLUME_MAX + 1))[0] == Refused.TOO_MUCH


def test_fail__a_file_of_another_version() -> None:
    """The sentence says which side to update."""
    code, sentence = refusal(written().replace(b"carry/1\n", b"carry/2\n"))
    assert code == Refused.VERSION
    assert "update the older side" in sentence


@pytest.mark.parametrize("count", [0, 1, 3])
def test_fail__another_number_of_frames(count: int) -> None:
    """The head says how many follow."""
    head, body = parts(written())
    fields = canonical.decode(head, HEAD_MAX)
    fields[7] = count
    assert f"holds 2 frames, not {count}" in refusal(joined(canonical.encode(fields), body))[1]


@pytest.mark.parametrize("body", [bytes([0xFF] * 4), b"\x00\x00\x00\x05abc", b"\x00"])
def test_fail__frames_that_do_not_fill_the_body(body: bytes) -> None:
    """A length too long, or longer than what is there."""
    head, _ = parts(written())
    fields = canonical.decode(head, HEAD_MAX)
    fields[8:] = [len(body), hashlib.sha256(body).digest()]
    assert refusal(joined(canonical.encode(fields), body))[0] == Refused.NOT_UNDERSTOOD


@pytest.mark.parametrize(
    "wrong",
    [
        {"session": b"short"},
        {"made": datetime(1969, 1, 1, tzinfo=UTC)},
        {"place": replace(PLACE, number=0)},
        {"place": replace(PLACE, number=carry.VOLUMES_MAX + 1)},
        {"place": replace(PLACE, set_id=b"")},
        {"place": replace(PLACE, device="x" * 33)},
        {"frames": (bytes(BODY_MAX),)},
    ],
)
def test_fail__what_is_never_written(wrong: dict[str, object]) -> None:
    """The writer refuses what the reader would."""
    with pytest.raises(ValueError, match=r"head's|carry's"):
        written(replace(VOLUME, **wrong))  # type: ignore[arg-type]


def test_a_name_says_where_a_volume_belongs() -> None:
    """Small letters, digits and hyphens, as FAT and exFAT take them; and back."""
    assert file_name(PLACE) == "bus-07-up-0001020304050607-0001.carry"
    for way in Way:
        assert read_name(file_name(replace(PLACE, way=way))) == replace(PLACE, way=way)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "holiday.jpg",
        "bus-07-up-0001020304050607-0001.carry.part",
        "BUS-07-up-0001020304050607-0001.carry",
        "bus-07-in-0001020304050607-0001.carry",
    ],
)
def test_a_name_that_is_not_ours(name: str) -> None:
    """It is left alone."""
    assert read_name(name) is None


def parts(data: bytes) -> tuple[bytes, bytes]:
    """Return head and body of a file."""
    at = len(MAGIC)
    head_end = at + 4 + int.from_bytes(data[at : at + 4], "big")
    return data[at + 4 : head_end], data[head_end + 4 + len(b"seal") :]


def joined(head: bytes, body: bytes) -> bytes:
    """Return a file of a head and a body."""
    return MAGIC + len(head).to_bytes(4, "big") + head + b"\x00\x00\x00\x04seal" + body
