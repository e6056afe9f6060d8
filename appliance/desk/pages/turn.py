"""Takes turns at what needs much memory: one process at a time, and one that dies gives its turn back."""

import fcntl
import os
from types import TracebackType


class Turn:
    """A lock among the processes that were split off with it; made before them. Not for threads of one process."""

    def __init__(self) -> None:
        # A file without a name, and without a byte: what may be locked when no file may be written.
        self._file = os.memfd_create("turn")

    def __enter__(self) -> None:
        fcntl.lockf(self._file, fcntl.LOCK_EX)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        fcntl.lockf(self._file, fcntl.LOCK_UN)
