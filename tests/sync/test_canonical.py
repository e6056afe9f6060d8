"""sync.canonical: one value, one encoding."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync import canonical
from tests.support.garbage import canonical_values

# The encodings of RFC 8949, appendix A, that our subset has.
KNOWN: list[tuple[Any, str]] = [
    (0, "00"),
    (1, "01"),
    (10, "0a"),
    (23, "17"),
    (24, "1818"),
    (100, "1864"),
    (1000, "1903e8"),
    (1_000_000, "1a000f4240"),
    (1_000_000_000_000, "1b000000e8d4a51000"),
    (18_446_744_073_709_551_615, "1bffffffffffffffff"),
    (-18_446_744_073_709_551_616, "3bffffffffffffffff"),
    (-1, "20"),
    (-10, "29"),
    (-100, "3863"),
    (-1000, "3903e7"),
    (False, "f4"),
    (True, "f5"),
    (None, "f6"),
    (b"", "40"),
    (b"\x01\x02\x03\x04", "4401020304"),
    ("", "60"),
    ("IETF", "6449455446"),
    ("\u00fc", "62c3bc"),
    ("\u6c34", "63e6b0b4"),
    ("\U00010151", "64f0908591"),
    ([], "80"),
    ([1, [2, 3], [4, 5]], "8301820203820405"),
    (list(range(1, 26)), "98190102030405060708090a0b0c0d0e0f101112131415161718181819"),
    ({}, "a0"),
    ({1: 2, 3: 4}, "a201020304"),
]


@pytest.mark.parametrize(("value", "written"), KNOWN)
def test_ok__value_is_written_as_the_standard_shows(value: Any, written: str) -> None:
    """The encoder agrees with the standard's own examples."""
    assert canonical.encode(value).hex() == written


@pytest.mark.parametrize(("value", "written"), KNOWN)
def test_ok__standard_bytes_are_read(value: Any, written: str) -> None:
    """The decoder agrees with the standard's own examples."""
    assert canonical.decode(bytes.fromhex(written), 100) == value


@given(canonical_values())
def test_ok__every_value_comes_back(value: Any) -> None:
    """What is written is read as the same value."""
    assert canonical.decode(canonical.encode(value), 1 << 20) == value


@given(st.binary(max_size=60))
def test_ok__what_is_read_was_written_by_encode(data: bytes) -> None:
    """Any bytes are either refused with ValueError or the one encoding of what they mean."""
    try:
        value = canonical.decode(data, 60)
    except ValueError:
        return
    assert canonical.encode(value) == data


@pytest.mark.parametrize(
    "kind", [bytes, bytearray, memoryview], ids=["bytes", "bytearray", "memoryview"]
)
def test_ok__all_kinds_of_bytes_are_equal(kind: Any) -> None:
    """Bytes, bytearray and memoryview are written and read alike."""
    assert canonical.encode(kind(b"ab")) == b"\x42ab"
    assert canonical.decode(kind(b"\x42ab"), 3) == b"ab"


def test_ok__tuples_are_lists_and_keys_are_sorted() -> None:
    """The order in which a map was built leaves no trace."""
    assert canonical.encode({256: (), 24: 1, 3: 2}) == canonical.encode({3: 2, 24: 1, 256: []})


@pytest.mark.parametrize(
    "written",
    [
        "",  # nothing
        "1817",  # 23 in two bytes
        "1900ff",  # 255 in three
        "1a0000ffff",  # 65535 in five
        "1b00000000ffffffff",  # four bytes would do
        "5801",  # a byte string that is not there
        "5f4101ff",  # indefinite bytes
        "9fff",  # indefinite list
        "bfff",  # indefinite map
        "1c",  # reserved length
        "c000",  # a tag
        "f97e00",  # a float
        "f800",  # a simple value in two bytes
        "f7",  # undefined
        "e0",  # simple value 0
        "a201000100",  # a key twice
        "a202000100",  # keys descending
        "a12000",  # a negative key
        "a1616100",  # a text key
        "a1180100",  # a key written too long
        "62c328",  # text that is not UTF-8
        "63eda080",  # a lone surrogate
        "0000",  # bytes after the value
        "81" * 17 + "80",  # nested too deep
        "9bffffffffffffffff",  # a list longer than the world
        "82",  # a list without its items
        "a1",  # a map without its items
        "a101",  # a key without a value
        "19ff",  # a number cut off
    ],
)
def test_fail__anything_else_is_refused(written: str) -> None:
    """Bytes that the encoder would not write are a ValueError."""
    with pytest.raises(ValueError, match=r"canonical|utf-8"):
        canonical.decode(bytes.fromhex(written), 100)


@pytest.mark.parametrize(
    "value",
    [1 << 64, -(1 << 64) - 1, 0.5, {"a": 1}, {-1: 1}, {True: 1}, object(), {1, 2}, "\ud800"],
)
def test_fail__what_has_no_encoding_is_refused(value: Any) -> None:
    """Floats, sets, text keys and numbers over 64 bits are a ValueError."""
    with pytest.raises(ValueError, match=r"canonical|surrogates"):
        canonical.encode(value)


def test_fail__nesting_is_limited_on_both_sides() -> None:
    """Sixteen lists within each other are written and read, seventeen are neither."""
    deep: list[Any] = []
    for _ in range(canonical.DEPTH_MAX):
        deep = [deep]
    assert canonical.decode(canonical.encode(deep), 100) == deep
    with pytest.raises(ValueError, match="deeper"):
        canonical.encode([deep])


def test_fail__the_limit_counts_bytes() -> None:
    """A value is read at the limit and refused one byte beyond."""
    assert canonical.decode(b"\x42ab", 3) == b"ab"
    with pytest.raises(ValueError, match="at most 2"):
        canonical.decode(b"\x42ab", 2)


@pytest.mark.parametrize("thing", [None, "text", 5, [1]])
def test_fail__only_bytes_can_be_decoded(thing: Any) -> None:
    """Something that is not bytes at all is the same ValueError."""
    with pytest.raises(ValueError, match="only bytes"):
        canonical.decode(thing, 100)
