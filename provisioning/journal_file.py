"""A journal as one file, for whoever keeps a copy beside the bus: each entry as it is hashed.

`madobus-journal/1` and a line feed, 8 bytes number and 32 bytes hash of the last entry before it, then for each entry
one byte of length and its bytes.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

from sync.chain import Fields, entry_bytes, read_entry
from sync.journal import HASH_BYTES

MARK: Final = b"madobus-journal/1\n"
_NUMBER: Final = 8


def begin(out: BinaryIO, start: tuple[int, bytes]) -> None:
    """Write the mark and where the journal begins."""
    out.write(MARK + start[0].to_bytes(_NUMBER, "big") + start[1])


def put(out: BinaryIO, fields: Fields) -> None:
    """Write one entry."""
    written = entry_bytes(fields)
    out.write(bytes((len(written),)) + written)


class JournalFile:
    """An exported journal; raises ValueError for a file that is none."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        head = self._file.read(len(MARK) + _NUMBER + HASH_BYTES)
        if len(head) != len(MARK) + _NUMBER + HASH_BYTES or not head.startswith(MARK):
            self.close()
            raise ValueError(f"{path}: this is no exported journal")
        rest = head[len(MARK) :]
        self._start = int.from_bytes(rest[:_NUMBER], "big"), rest[_NUMBER:]

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def start(self) -> tuple[int, bytes]:
        """Return number and hash of the last entry before the file's first."""
        return self._start

    def entries(self) -> Iterator[Fields]:
        """Yield each entry's fields; raises ValueError for bytes that are no entry."""
        while size := self._file.read(1):
            yield read_entry(self._file.read(size[0]))
