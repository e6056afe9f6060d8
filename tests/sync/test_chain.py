"""Following a journal fast: the same bytes as the general writer's, and no entry out of its place."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync import shape
from sync.chain import ORDER_SLACK_MS, Chain, ChainError, Fields, entry_bytes, read_entry
from sync.journal import GENESIS, JournalEntry, decode_entry, encode_entry, next_entry
from tests.support.garbage import damaged
from tests.support.makers import instant

FIRST = next_entry(GENESIS, "accepted", bytes(32), instant())
SECOND = next_entry((1, FIRST.hash), "receipt", bytes(range(32)), instant(5))
LAST_US = 32_503_679_999_000_000
COUNTS = st.integers(0, shape.COUNT_MAX)


def fields_of(entry: JournalEntry) -> Fields:
    """Return an entry as a table's row gives it."""
    wall = shape.micros_of(entry.wall, "wall")
    return (
        entry.seq,
        entry.prev,
        entry.kind,
        entry.object_hash,
        wall,
        entry.monotonic_ms,
        entry.boot,
    )


@given(
    st.integers(1, shape.COUNT_MAX),
    st.binary(min_size=32, max_size=32),
    st.from_regex(r"[a-z_]{1,32}", fullmatch=True),
    st.integers(0, LAST_US),
    st.tuples(COUNTS, COUNTS),
)
def test_ok__the_bytes_are_the_journals_own(
    seq: int, digest: bytes, kind: str, wall_us: int, counts: tuple[int, int]
) -> None:
    """Numbers of every length, kinds of every length; and they are read back as they were."""
    entry = JournalEntry(
        seq, digest, kind, digest, shape.moment_of_micros(wall_us, "wall"), *counts
    )
    written = encode_entry(entry)
    assert entry_bytes(fields_of(entry)) == written
    assert read_entry(written) == fields_of(entry)


def test_ok__the_head_is_the_journals_own() -> None:
    """After two entries it is the second one's hash; a chain may begin where an older part left."""
    chain = Chain()
    assert chain.follow(fields_of(FIRST)) == FIRST.hash
    assert chain.follow(fields_of(SECOND)) == SECOND.hash
    assert (chain.seq, chain.head) == (2, SECOND.hash)
    assert Chain((1, FIRST.hash)).follow(fields_of(SECOND)) == SECOND.hash


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"seq": 3}, "each number is one more"),
        ({"prev": bytes(32)}, "hash of the entry before"),
        ({"kind": "Accepted"}, "written as"),
        ({"kind": ""}, "written as"),
        ({"object_hash": b"short"}, "written as"),
        ({"monotonic_ms": -1}, "written as"),
        ({"monotonic_ms": 1 << 63}, "written as"),
        ({"boot": "x"}, "written as"),
        ({"boot": 1.5}, "written as"),
        ({"boot": 300.5}, "written as"),
        ({"boot": 0}, "counted upwards"),
    ],
)
def test_fail__an_entry_out_of_its_place(changed: dict[str, Any], rule: str) -> None:
    """The error names the place and the rule, and the chain stays where it was."""
    chain = Chain()
    chain.follow(fields_of(FIRST))
    with pytest.raises(ChainError, match=rule) as caught:
        chain.follow(fields_of(replace(SECOND, **changed)))
    assert (caught.value.seq, chain.seq, chain.head) == (2, 1, FIRST.hash)


@pytest.mark.parametrize("wall", [-1, 32_503_680_000_000_000])
def test_fail__a_time_that_cannot_be(wall: int) -> None:
    """Before 1970, after 2999."""
    fields = fields_of(FIRST)
    with pytest.raises(ChainError, match="its time with 1970"):
        Chain().follow((*fields[:4], wall, *fields[5:]))


def test_fail__time_since_the_start_runs_backwards() -> None:
    """An entry may have waited for the shelf; beyond that its order is impossible. A new start begins again."""
    late = replace(SECOND, monotonic_ms=FIRST.monotonic_ms + 2 * ORDER_SLACK_MS)
    third = next_entry((2, late.hash), "receipt", bytes(32), instant())
    waited = replace(third, monotonic_ms=late.monotonic_ms - ORDER_SLACK_MS)
    for entry, holds in (
        (waited, True),
        (replace(waited, monotonic_ms=waited.monotonic_ms - 1), False),
        (replace(waited, monotonic_ms=0, boot=2), True),
    ):
        chain = Chain((1, FIRST.hash))
        chain.follow(fields_of(late))
        if holds:
            assert chain.follow(fields_of(entry)) == entry.hash
        else:
            with pytest.raises(ChainError, match="run backwards"):
                chain.follow(fields_of(entry))


@given(damaged(encode_entry(SECOND)))
def test_fail__damaged_bytes_are_refused_as_the_journal_refuses_them(data: bytes) -> None:
    """The two readers never differ."""
    try:
        entry = decode_entry(data)
    except ValueError:
        with pytest.raises(ValueError, match=r"\w"):
            read_entry(data)
        return
    assert read_entry(data) == fields_of(entry)
