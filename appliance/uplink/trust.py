"""Whose word counts: the city's key bundle, as the desk keeps it, read again when it changes."""

import logging
from pathlib import Path

from sync.bundle import KeyBundle, decode_bundle
from sync.errors import SealError
from sync.keys import VerifyKey, read_key

log = logging.getLogger("madobus.uplink")


class Trust:
    """The bundle in `path`, signed by the root key in `root` (a text key file) where this room may read it."""

    def __init__(self, path: Path, root: Path) -> None:
        self._path = path
        self._root = self._read_root(root)
        self._stamp = self._seen()
        self._bundle = decode_bundle(path.read_text(encoding="utf-8"), self._root)

    def bundle(self) -> KeyBundle:
        """Return the newest bundle; an older or damaged file changes nothing."""
        stamp = self._seen()
        if stamp != self._stamp:
            self._stamp = stamp
            self._reread()
        return self._bundle

    def _reread(self) -> None:
        try:
            offered = decode_bundle(self._path.read_text(encoding="utf-8"), self._root)
        except (OSError, SealError) as error:
            log.warning("bundle.unreadable held=%d cause=%s", self._bundle.version, error)
            return
        if offered.version > self._bundle.version:
            self._bundle = offered
            log.info("bundle.taken version=%d", offered.version)

    def _seen(self) -> tuple[int, int]:
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return (0, 0)
        return (found.st_mtime_ns, found.st_size)

    @staticmethod
    def _read_root(path: Path) -> VerifyKey | None:
        """Return the root's public key; without it the enrolled file's own printed root is believed."""
        try:
            return VerifyKey.from_raw(read_key(path.read_text(encoding="utf-8"), "verify"))
        except (FileNotFoundError, PermissionError):
            log.warning("bundle.root_unreadable path=%s", path.name)
            return None
