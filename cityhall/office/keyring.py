"""The city's key bundle as the office holds it: read again when the file changes, never to an older one."""

import logging
from pathlib import Path

from sync.bundle import Device, KeyBundle, believe, replacement
from sync.errors import SyncError

log = logging.getLogger(__name__)


class UnknownDeviceError(SyncError):
    """No box of this name is in the city's key bundle."""


class Keyring:
    """The bundle file. A box enrolled while the office runs is known at its first envelope."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read_at = _stamp(path)
        self._held = believe(path.read_text(encoding="utf-8"), None)

    def bundle(self) -> KeyBundle:
        """Return the newest bundle; a broken or older file is passed over with a warning."""
        stamp = _stamp(self._path)
        if stamp != self._read_at:
            self._read_at = stamp
            self._read_again()
        return self._held.bundle

    def device(self, name: str) -> Device:
        """Return a box's keys, revoked or not: what it sealed before stays readable. Raises UnknownDeviceError."""
        return device_of(self.bundle(), name)

    def _read_again(self) -> None:
        try:
            text = self._path.read_text(encoding="utf-8")
            self._held = replacement(text, self._held)
        except (SyncError, ValueError, OSError) as refusal:
            log.warning("bundle.passed_over cause=%s", type(refusal).__name__)


def device_of(bundle: KeyBundle, name: str) -> Device:
    """Return a box's keys from a bundle; raises UnknownDeviceError."""
    device = bundle.device(name)
    if device is None:
        raise UnknownDeviceError(
            f"bundle: box '{name}' is not in version {bundle.version}; enrol it"
        )
    return device


def _stamp(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_mtime_ns, found.st_ino
