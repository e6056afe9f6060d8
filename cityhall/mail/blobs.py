"""The sealed parts city hall holds, durable and checked: in a folder here, in an object store beyond one machine."""

from pathlib import Path
from typing import Protocol

from keeping.wholefile import make_folder, put_whole, sync_folder


class Blobs(Protocol):
    """Where sealed parts lie; a folder here, an object store beyond one machine."""

    def put(self, env_id: bytes, index: int, data: bytes) -> None:
        """Keep one checked part; durable when this returns, harmless the second time."""

    def get(self, env_id: bytes, index: int) -> bytes | None:
        """Return one part, or None when it is not here."""

    def drop(self, env_id: bytes, index: int) -> None:
        """Delete one part for ever; harmless when it is not here."""


class FolderBlobs:
    """Parts as files: folder/<first byte of the id>/<id>/<index>."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        make_folder(folder, 0o770)

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

    def drop(self, env_id: bytes, index: int) -> None:
        """Delete one part for ever; durable on return, harmless when it is not here."""
        place = self._place(env_id)
        (place / str(index)).unlink(missing_ok=True)
        if place.is_dir():
            sync_folder(place)

    def _place(self, env_id: bytes) -> Path:
        name = env_id.hex()
        return self._folder / name[:2] / name
