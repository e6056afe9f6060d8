"""The stick: the folder `madobus-carry` on it, whole files in it, and what to do when it is full or pulled out."""

import errno
import shutil
import stat
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from keeping.wholefile import sync_folder, write_durably
from sync.carry import (
    FOLDER,
    SUFFIX,
    VOLUME_MAX,
    Place,
    Seal,
    Sealed,
    Volume,
    Way,
    decode_volume,
    encode_volume,
    file_name,
    read_name,
)
from sync.errors import PeerError
from sync.refusals import Refused

# Files looked at on one stick.
FILES_MAX: Final = 20_000
# City hall's answer is far smaller than what it answers.
ANSWER_SHARE: Final = 8
_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})

Write = Callable[[Path, bytes], None]


class NoStickError(OSError):
    """The folder that was named is not there, or takes nothing."""


class Stick:
    """The carry folder below `folder`, which must exist (a stick that is not mounted is not written beside)."""

    def __init__(self, folder: Path, write: Write = write_durably) -> None:
        if not folder.is_dir():
            raise NoStickError(f"carry: there is no folder {folder}; put the stick in and mount it")
        self.folder = folder / FOLDER
        if self.folder.is_symlink():
            raise NoStickError(f"carry: {self.folder} is a link to another place; remove it")
        self._write = write

    def prepare(self) -> None:
        """Make the folder; raises OSError."""
        if not self.folder.exists():
            self.folder.mkdir(exist_ok=True)
            sync_folder(self.folder.parent)

    def room(self) -> int:
        """Return the bytes this side may put onto the stick: what is free, less a share for the other side."""
        free = shutil.disk_usage(self.folder).free
        return free - free // ANSWER_SHARE

    def places(self, way: Way) -> list[Place]:
        """List the volumes whose names are ours, of one way, in order of box, set and number."""
        found = []
        if self.folder.is_dir():
            for count, path in enumerate(self.folder.iterdir()):
                if count >= FILES_MAX:
                    break
                place = read_name(path.name)
                if place is not None and place.way is way:
                    found.append(place)
        return sorted(found, key=lambda one: (one.device, one.set_id, one.number))

    def read(self, place: Place) -> Sealed:
        """Return an undamaged volume that is what its name says; raises PeerError and OSError."""
        path = self.folder / file_name(place)
        found = path.lstat()
        if not stat.S_ISREG(found.st_mode):
            raise PeerError(Refused.NOT_UNDERSTOOD, "carry file: it is no plain file; remove it")
        if found.st_size > VOLUME_MAX:
            raise PeerError(
                Refused.TOO_MUCH, f"carry file: {VOLUME_MAX} bytes are the limit; export again"
            )
        sealed = decode_volume(path.read_bytes())
        if sealed.volume.place != place:
            raise PeerError(
                Refused.NOT_UNDERSTOOD, "carry file: it was renamed; give it its own name back"
            )
        return sealed

    def made(self, places: Sequence[Place]) -> float:
        """Return when a set was made (POSIX seconds), by its first volume that can be read; 0 when none can."""
        for place in places:
            with suppress(PeerError, OSError):
                return self.read(place).volume.made.timestamp()
        return 0.0

    def put(self, volume: Volume, seal: Seal) -> int:
        """Write a volume so that a stick pulled out has it whole or not at all; returns its bytes. Raises OSError."""
        path = self.folder / file_name(volume.place)
        data = encode_volume(volume, seal)
        try:
            self._write(path, data)
        except OSError:
            with suppress(OSError):
                path.with_name(f"{path.name}.part").unlink(missing_ok=True)
            raise
        return len(data)

    def put_what_fits(self, volume: Volume, seal: Seal) -> tuple[int, int]:
        """Write a volume, or on a full stick as many of its frames as it takes; returns (frames, bytes) written."""
        frames = volume.frames
        while frames:
            part = Volume(
                volume.place,
                volume.session,
                last=volume.last and len(frames) == len(volume.frames),
                made=volume.made,
                frames=frames,
            )
            try:
                return len(frames), self.put(part, seal)
            except OSError as error:
                if error.errno not in _NO_ROOM:
                    raise
            frames = frames[: len(frames) * 7 // 8]
        return 0, 0

    def remove(self, places: Iterable[Place]) -> None:
        """Take files off the stick, and what an interrupted writing left; a stick that takes no change keeps them."""
        with suppress(OSError):
            for place in places:
                (self.folder / file_name(place)).unlink(missing_ok=True)
            for rest in self.folder.glob(f"*{SUFFIX}.part"):
                if read_name(rest.name.removesuffix(".part")) is not None:
                    rest.unlink(missing_ok=True)
            sync_folder(self.folder)
