"""A test's end of the disk of glass: mounted for a block, given its troubles, and always unmounted."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support.nursery import PATIENCE_S, wait_until

MISSING = "the disk that loses what was not synced needs /dev/fuse and Debian's fuse3"


def has_fuse() -> bool:
    """Tell whether a FUSE file system can be mounted here."""
    return os.access("/dev/fuse", os.R_OK | os.W_OK) and shutil.which("fusermount3") is not None


class LossyMount:
    """The disk mounted at `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.losing_disk", str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # libfuse talks about threads it does not need
            text=True,
        )
        wait_until(lambda: folder.is_mount() or self._process.poll() is not None)
        self.stands = self._process.poll() is None

    def format(self) -> None:
        """Empty the disk and free it of trouble."""
        self.trouble()
        self._tell({"do": "format"})

    def trouble(self, *, victims: tuple[int, ...] = (), **trouble: Any) -> None:
        """Give the disk its trouble (fields of losing_disk.Trouble; none: it works); syncs count from here."""
        self._tell({"do": "trouble", "trouble": {"victims": victims, **trouble}})

    def cut(self) -> None:
        """Cut the power now; nobody is killed."""
        self._tell({"do": "cut"})

    def syncs(self) -> int:
        """Return the number of syncs since the last `trouble`."""
        return int(self._tell({"do": "count"})["syncs"])

    def was_cut(self) -> bool:
        """Tell whether the power went since the last `trouble`."""
        return bool(self._tell({"do": "count"})["cut"])

    def close(self) -> None:
        """Unmount, whoever still looks at it."""
        gone = ["fusermount3", "-u", "-z", str(self.folder)]
        subprocess.run(gone, check=False, capture_output=True)
        self._process.kill()  # a lazy unmount waits for whoever still holds a file there
        self._process.communicate(timeout=PATIENCE_S)

    def _tell(self, request: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer


@contextmanager
def lossy_mount(folder: Path) -> Iterator[LossyMount]:
    """Mount the disk for a block."""
    folder.mkdir(parents=True, exist_ok=True)
    mount = LossyMount(folder)
    try:
        yield mount
    finally:
        mount.close()
