"""What a visit has so far, sealed at rest: one file a name, durable before the call returns."""

import shutil
from collections.abc import Callable
from pathlib import Path

from keeping.wholefile import PRIVATE, write_durably
from sync.drawer import Drawer
from sync.errors import SealError

FREE_FLOOR = 256 * 1024 * 1024
"""Bytes that must stay free on the desk's disk; below it no new sheet is taken."""

FILE_MAX = 80 * 1024 * 1024
"""Bytes one draft may have: a sheet as a large photo."""


class DraftsFull(Exception):  # noqa: N818 - a state of the disk, told to a person as a sentence
    """The disk has no room for another sheet; what is kept stays safe."""


class DraftLost(Exception):  # noqa: N818 - a fact about one file
    """A draft file does not open: cut short, changed, or of another visit."""


class DraftUnreadable(DraftLost):
    """The disk does not give a draft now; what lies there may be whole. `fact` is the disk's own word."""

    def __init__(self, error: OSError) -> None:
        self.fact = error.strerror or type(error).__name__
        super().__init__(
            f"drafts: must be readable to go on; {self.fact}; start the box again, then feed again"
        )


def free_bytes(folder: Path) -> int:
    """Return the bytes free where this folder lies."""
    return shutil.disk_usage(folder).free


class Drafts:
    """The sealed files of one visit. Names are plain words; the sealed content is bound to them."""

    def __init__(
        self,
        folder: Path,
        drawer: Drawer,
        free: Callable[[Path], int] = free_bytes,
    ) -> None:
        self._folder = folder
        self._drawer = drawer
        self._free = free
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def room(self) -> bool:
        """Whether another sheet may be taken."""
        return self._free(self._folder) > FREE_FLOOR

    def write(self, name: str, plain: bytes) -> None:
        """Seal and keep; durable when it returns. Raises DraftsFull when the disk refuses."""
        if len(plain) > FILE_MAX:
            raise DraftsFull(f"drafts: one file has at most {FILE_MAX} bytes; scan at a lower dpi")
        sealed = self._drawer.close_up(name, plain)
        try:
            write_durably(self._folder / f"{name}.sealed", sealed, PRIVATE)
        except OSError as error:
            raise DraftsFull("drafts: the disk refused to write; make room, then go on") from error

    def read(self, name: str) -> bytes:
        """Return what was kept under this name; raises DraftLost, of a disk that fails DraftUnreadable."""
        try:
            sealed = (self._folder / f"{name}.sealed").read_bytes()
            return self._drawer.open(name, sealed)
        except (FileNotFoundError, SealError) as error:
            raise DraftLost(f"drafts: {name} does not open; feed the sheet again") from error
        except OSError as error:
            raise DraftUnreadable(error) from error

    def has(self, name: str) -> bool:
        """Whether something is kept under this name."""
        return (self._folder / f"{name}.sealed").exists()

    def names(self) -> list[str]:
        """Return all names kept, sorted."""
        return sorted(path.stem for path in self._folder.glob("*.sealed"))
