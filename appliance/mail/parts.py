"""The sealed bytes on the bus's disk: one folder an envelope, one file an item, durable before any row."""

import logging
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from keeping.wholefile import make_folder, put_whole, sync_folder
from sync.frames import ID_BYTES

log = logging.getLogger("madobus.mail")


class Parts:
    """Sealed items as files under `folder`: item 0 is the slip, item n + 1 is part n."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        make_folder(folder, 0o770)

    def keep(self, env_id: bytes, items: Mapping[int, bytes]) -> None:
        """Write every item so that a power cut after this call loses none of them."""
        place = self._place(env_id)
        place.mkdir(exist_ok=True, mode=0o770)
        for item, data in items.items():
            put_whole(place / str(item), data)
        sync_folder(place)
        sync_folder(self._folder)

    def holds(self, env_id: bytes, items: Iterable[int]) -> bool:
        """Tell whether every one of these items is here."""
        return all((self._place(env_id) / str(item)).exists() for item in items)

    def read(self, env_id: bytes, item: int, offset: int = 0, length: int | None = None) -> bytes:
        """Return `length` bytes of an item from `offset`; raises FileNotFoundError once purged."""
        with (self._place(env_id) / str(item)).open("rb") as file:
            file.seek(offset)
            return file.read() if length is None else file.read(length)

    def purge(self, env_id: bytes) -> None:
        """Remove every item of an envelope; a second time is harmless."""
        shutil.rmtree(self._place(env_id), ignore_errors=True)
        sync_folder(self._folder)

    def folders(self, known: set[bytes]) -> list[tuple[bytes, float]]:
        """Name the folders of other envelopes than these, each with when it was last touched (POSIX seconds).

        What does not bear an envelope's name is not ours: it stays, and is logged.
        """
        found, foreign = [], 0
        for place in self._folder.iterdir():
            env_id = _env_id(place.name)
            if env_id is None:
                foreign += 1
            elif env_id not in known:
                found.append((env_id, place.stat().st_mtime))
        if foreign:
            log.warning("parts.not_ours count=%d", foreign)
        return found

    def free_bytes(self) -> int:
        """Return the bytes the disk still takes from this process."""
        return shutil.disk_usage(self._folder).free

    def _place(self, env_id: bytes) -> Path:
        return self._folder / env_id.hex()


def _env_id(name: str) -> bytes | None:
    """Return the envelope a folder is named after, or None for a name this shelf never gives."""
    try:
        env_id = bytes.fromhex(name)
    except ValueError:
        return None
    return env_id if len(env_id) == ID_BYTES and env_id.hex() == name else None
