"""The division's opening keys, one file for each month; the one an envelope was sealed to is found by its key id."""

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sync.envelope import Header
from sync.errors import FailureKind, SealError
from sync.keys import OpeningKey, read_key

log = logging.getLogger(__name__)

SUFFIX = ".key"
# Twenty years of months.
MOST_KEYS = 240


class TooManyKeysError(Exception):
    """The folder holds more keys than any city has months to keep."""


class Openers(Protocol):
    """Where the vault finds a key that opens an envelope."""

    def opening(self, header: Header) -> OpeningKey:
        """Return the key of one of the header's recipients; raises SealError(NO_MATCH) without one."""


@dataclass(frozen=True, slots=True)
class EpochKey:
    """One month's key: its name (2026-11, or what the file is called) and the key."""

    name: str
    key: OpeningKey


class Epochs:
    """The keys in a folder, or one key file. Read again whenever a file came, changed or was shredded."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self._seen: tuple[tuple[str, int, int], ...] | None = None
        self._held: dict[bytes, EpochKey] = {}

    def opening(self, header: Header) -> OpeningKey:
        """Return the key of one of the header's recipients; raises SealError(NO_MATCH) without one."""
        held = self._fresh()
        for one in header.recipients:
            if one.key_id in held:
                return held[one.key_id].key
        raise SealError(
            FailureKind.NO_MATCH, f"none of our {len(held)} keys is among the recipients"
        )

    def months(self) -> tuple[EpochKey, ...]:
        """Return every key that is here, by name."""
        return tuple(sorted(self._fresh().values(), key=lambda one: one.name))

    def _fresh(self) -> dict[bytes, EpochKey]:
        files = key_files(self._place)
        seen = tuple((path.name, *_stamp(path)) for path in files)
        if seen != self._seen:
            read = [one for one in map(_read, files) if one is not None]
            self._held = {one.key.key_id: one for one in read}
            self._seen = seen
            log.info("division_keys.read keys=%d", len(self._held))
        return self._held


def key_files(place: Path) -> list[Path]:
    """Return the key files of a folder, by name, or the one file; raises TooManyKeysError."""
    found = sorted(place.glob(f"*{SUFFIX}")) if place.is_dir() else [place]
    if len(found) > MOST_KEYS:
        raise TooManyKeysError(
            f"division keys: at most {MOST_KEYS} in {place}, there are {len(found)}; shred old months"
        )
    return found


def _read(path: Path) -> EpochKey | None:
    """Return a file's key; None for one that is broken or was shredded this moment: the other months still open."""
    try:
        seed = read_key(path.read_text(encoding="utf-8"), "opening")
    except (OSError, ValueError) as refusal:
        log.warning("division_key.passed_over file=%s cause=%s", path.name, type(refusal).__name__)
        return None
    return EpochKey(path.name.removesuffix(SUFFIX), OpeningKey.from_seed(seed))


def _stamp(path: Path) -> tuple[int, int]:
    """Return what changes with a file; zeros for one that is gone."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return 0, 0
    return found.st_mtime_ns, found.st_ino
