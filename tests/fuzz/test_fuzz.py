"""Every parser that meets foreign bytes takes its seeds and some thousand changed ones; the long run is a command."""

import zlib

import pytest

from sync import chiplock, pinlock
from tests.fuzz import custody, targets
from tests.fuzz.changing import changed
from tests.fuzz.target import Broken, same

COUNT = 1000


@pytest.fixture(autouse=True)
def _quick_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    for room in (pinlock, chiplock):
        monkeypatch.setattr(room, "stretch", custody.quickly)


@pytest.mark.parametrize("name", targets.ALL)
def test_ok__foreign_bytes_give_a_value_or_the_error_of_the_family(name: str) -> None:
    """Nothing else ever comes out of a parser, and what it reads it writes again the same."""
    target = targets.ALL[name]
    count = COUNT // 10 if target.slow else COUNT
    for data in changed(target.seeds(), count, zlib.crc32(name.encode()), target.words):
        target.run(data[: target.max_len])


def test_fail__a_parser_that_reads_two_spellings_is_found() -> None:
    """The fuzzers judge values too, not only errors."""
    with pytest.raises(Broken):
        same(b"\x00", b"\x18\x00")


def test_ok__changes_are_the_same_for_the_same_seed() -> None:
    """A failure of the replay can be repeated."""
    assert list(changed([b"abc"], 50, 7)) == list(changed([b"abc"], 50, 7))
