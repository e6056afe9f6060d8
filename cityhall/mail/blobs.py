"""The sealed bytes city hall holds: pieces that are still coming, and parts that are durable and checked."""

import contextlib
import errno
import os
import shutil
from pathlib import Path
from typing import Protocol

from keeping.wholefile import put_whole, sync_folder
from sync.frames import ID_BYTES


class Blobs(Protocol):
    """Where sealed parts lie; a folder here, an object store beyond one machine."""

    def put(self, env_id: bytes, index: int, data: bytes) -> None:
        """Keep one checked part; durable when this returns, harmless the second time."""

    def get(self, env_id: bytes, index: int) -> bytes | None:
        """Return one part, or None when it is not here."""


class FolderBlobs:
    """Parts as files: folder/<first byte of the id>/<id>/<index>."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o770)

    def put(self, env_id: bytes, index: int, data: bytes) -> None:
        """Write to a side name, make it durable, then give it its name."""
        place = self._place(env_id)
        place.mkdir(parents=True, exist_ok=True, mode=0o770)
        put_whole(place / str(index), data)
        for folder in (place, place.parent, self._folder):
            sync_folder(folder)

    def get(self, env_id: bytes, index: int) -> bytes | None:
        """Return one part, or None when it is not here."""
        try:
            return (self._place(env_id) / str(index)).read_bytes()
        except FileNotFoundError:
            return None

    def _place(self, env_id: bytes) -> Path:
        name = env_id.hex()
        return self._folder / name[:2] / name


class Pieces:
    """Items that are still coming: folder/<id>-<box>/<item>, grown in order.

    A length on disk is never more than was sent.
    Each box has its own: what one box sends under an id can never spoil what another sends under it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o770)

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

    def length(self, device: str, env_id: bytes, item: int) -> int:
        """Return how many bytes of an item are here."""
        try:
            return (self._place(device, env_id) / str(item)).stat().st_size
        except FileNotFoundError:
            return 0

    def read(self, device: str, env_id: bytes, item: int) -> bytes:
        """Return what is here of an item."""
        return (self._place(device, env_id) / str(item)).read_bytes()

    def drop(self, device: str, env_id: bytes, item: int) -> None:
        """Forget an item; a second time is harmless."""
        place = self._place(device, env_id)
        (place / str(item)).unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # other items are still there, or nothing ever was
            place.rmdir()

    def drop_all(self, device: str, env_id: bytes) -> None:
        """Forget everything of an envelope."""
        shutil.rmtree(self._place(device, env_id), ignore_errors=True)

    def count(self, device: str, env_id: bytes) -> int:
        """Return how many items of an envelope are still coming."""
        place = self._place(device, env_id)
        return len(list(place.iterdir())) if place.is_dir() else 0

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
