"""A simulated disk's files: what programs see, and what a power cut leaves of it."""

from collections.abc import Hashable
from typing import Final, Generic, TypeVar

from provisioning.simulate.chance import Chance

Name = TypeVar("Name", bound=Hashable)

SECTOR: Final = 512


class Files(Generic[Name]):
    """Whole contents by name. `synced` is on the platter; the rest is in the machine's memory only."""

    def __init__(self) -> None:
        self.seen: dict[Name, bytes] = {}
        self._synced: dict[Name, bytes] = {}
        self._loose: dict[Name, bool] = {}

    def put(self, name: Name, data: bytes) -> None:
        """Write a whole file whose bytes are synced and whose name is not yet."""
        self.seen[name] = data
        self._loose[name] = False

    def grow(self, name: Name, data: bytes) -> None:
        """Write into a file: until `sync` a power cut may leave any mixture of its sectors."""
        self.seen[name] = data
        self._loose[name] = True

    def remove(self, name: Name) -> None:
        """Take a name away; durable after `sync`."""
        if self.seen.pop(name, None) is not None:
            self._loose[name] = False

    def sync(self, name: Name) -> None:
        """Make what is seen under a name durable, bytes and name."""
        self._loose.pop(name, None)
        if name in self.seen:
            self._synced[name] = self.seen[name]
        else:
            self._synced.pop(name, None)

    def go_dark(self, chance: Chance) -> int:
        """Lose what was not synced: each name keeps its old state or its new one, or tears; returns how many."""
        lost = 0
        for name, torn in self._loose.items():
            old, new = self._synced.get(name), self.seen.get(name)
            kept = chance.one_of((old, new))
            if torn and new is not None and kept is new:
                kept = _torn(old or b"", new, chance)
            lost += kept != new
            if kept is None:
                self.seen.pop(name, None)
                self._synced.pop(name, None)
            else:
                self.seen[name] = self._synced[name] = kept
        self._loose.clear()
        return lost

    def copy(self) -> "Files[Name]":
        """Return a copy as a backup takes it: everything that is seen, durable."""
        made: Files[Name] = Files()
        made.seen = dict(self.seen)
        made._synced = dict(self.seen)
        return made


def _torn(old: bytes, new: bytes, chance: Chance) -> bytes:
    """Return what a cut in the middle of a write leaves: some sectors new, some old, any length between."""
    length = chance.count(min(len(old), len(new)), max(len(old), len(new)))
    found = bytearray(old.ljust(len(new), b"\x00"))
    for start in range(0, len(new), SECTOR):
        if chance.once_in(2):
            found[start : start + SECTOR] = new[start : start + SECTOR]
    return bytes(found[:length])
