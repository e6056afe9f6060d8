"""Items that are still coming: who keeps them, and the folder of a hall on one machine.

A length is never more than was sent. Each box has its own: what one box sends under an id can never
spoil what another sends under it.
"""

import contextlib
import errno
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from keeping.wholefile import make_folder, sync_folder
from sync.frames import ID_BYTES


class Pieces(Protocol):
    """Where half items lie: a folder here, rows beyond one machine."""

    def write(self, device: str, env_id: bytes, item: int, offset: int, data: bytes) -> int:
        """Write a piece at `offset` and return the item's length, durable; a gap raises ValueError."""

    def lengths(self, device: str, env_id: bytes) -> dict[int, int]:
        """Return how many bytes are here of each half item of an envelope."""

    def read(self, device: str, env_id: bytes, item: int) -> bytes:
        """Return what is here of an item."""

    def drop(self, envelopes: Sequence[tuple[str, bytes]], item: int | None = None) -> None:
        """Forget an item (or all) of these (box, id); a second time is harmless."""

    def envelopes(self, device: str) -> int:
        """Return how many envelopes of a box are half here."""

    def sweep(self, older_than: float) -> int:
        """Forget what nobody sent anything of since `older_than` (POSIX seconds); returns how many envelopes."""


class FolderPieces:
    """Half items as files: folder/<id>-<box>/<item>, grown in order."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        make_folder(folder, 0o770)

    def write(self, device: str, env_id: bytes, item: int, offset: int, data: bytes) -> int:
        """Write a piece at `offset` and return the item's length, durable with its name; a gap raises ValueError."""
        place = self._place(device, env_id)
        place.mkdir(exist_ok=True, mode=0o770)
        handle = os.open(place / str(item), os.O_WRONLY | os.O_CREAT, 0o660)
        try:
            length = os.fstat(handle).st_size
            if offset > length:
                raise ValueError(f"pieces: a piece at {offset} leaves a gap after {length} bytes")
            if length == 0:
                # New, or nothing of it was ever confirmed: first its name, then its bytes.
                sync_folder(place)
                sync_folder(self._folder)
            written = os.pwrite(handle, data, offset)
            if written < len(data):
                raise OSError(
                    errno.ENOSPC, f"pieces: the disk took {written} of {len(data)} bytes; make room"
                )
            os.fdatasync(handle)
            return max(length, offset + len(data))
        finally:
            os.close(handle)

    def lengths(self, device: str, env_id: bytes) -> dict[int, int]:
        """Return how many bytes are here of each half item of an envelope."""
        try:
            with os.scandir(self._place(device, env_id)) as found:
                return {int(one.name): one.stat().st_size for one in found}
        except FileNotFoundError:
            return {}

    def read(self, device: str, env_id: bytes, item: int) -> bytes:
        """Return what is here of an item."""
        return (self._place(device, env_id) / str(item)).read_bytes()

    def drop(self, envelopes: Sequence[tuple[str, bytes]], item: int | None = None) -> None:
        """Forget an item (or all) of these (box, id); a second time is harmless."""
        for device, env_id in envelopes:
            place = self._place(device, env_id)
            if item is None:
                shutil.rmtree(place, ignore_errors=True)
                continue
            with contextlib.suppress(FileNotFoundError):
                (place / str(item)).unlink()
                with contextlib.suppress(OSError):  # other items are still there
                    place.rmdir()

    def envelopes(self, device: str) -> int:
        """Return how many envelopes of a box are half here."""
        start = len(f"{'00' * ID_BYTES}-")
        return sum(place.name[start:] == device for place in self._folder.iterdir())

    def sweep(self, older_than: float) -> int:
        """Forget what nobody sent anything of since `older_than` (POSIX seconds); returns how many envelopes."""
        old = [
            place
            for place in self._folder.iterdir()
            if max(path.stat().st_mtime for path in (place, *place.iterdir())) < older_than
        ]
        for place in old:
            shutil.rmtree(place, ignore_errors=True)
        return len(old)

    def _place(self, device: str, env_id: bytes) -> Path:
        return self._folder / f"{env_id.hex()}-{device}"
