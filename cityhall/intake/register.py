"""Who may come in: the boxes of the key bundle, read again when the file changes."""

import logging
from pathlib import Path

from sync.bundle import Device, KeyBundle, Revoked, believe, replacement
from sync.errors import PeerError, SealError
from sync.refusals import Refused
from sync.root import StaleError

log = logging.getLogger("madobus.intake")


class Register:
    """The bundle in `path`. The city itself put it there: the root it leads to at start is believed from then on."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp = self._seen()
        self._held = believe(path.read_text(encoding="utf-8"), None)

    @property
    def bundle(self) -> KeyBundle:
        """The newest bundle that was taken."""
        return self._held.bundle

    @property
    def rank(self) -> tuple[int, int]:
        """The root's version and the bundle's, as the beacons tell them."""
        return self._held.rank

    def refresh(self) -> bool:
        """Read the file again if it changed; an older or damaged one is not taken. Returns whether it was news."""
        stamp = self._seen()
        if stamp == self._stamp:
            return False
        self._stamp = stamp
        try:
            offered = replacement(self._path.read_text(encoding="utf-8"), self._held)
        except StaleError as error:
            log.warning("bundle.old held=%d cause=%s", self.bundle.version, error)
            return False
        except (OSError, SealError) as error:
            log.warning("bundle.unreadable held=%d cause=%s", self.bundle.version, error)
            return False
        if offered.rank == self._held.rank:
            return False
        self._held = offered
        log.info(
            "bundle.taken version=%d devices=%d",
            offered.bundle.version,
            len(offered.bundle.devices),
        )
        return True

    def revoked(self, device: str) -> Revoked | None:
        """Return when a box was revoked and up to which journal entry it is believed; None while it is good."""
        found = self.bundle.device(device)
        return None if found is None else found.revoked

    def let_in(self, device: str, certified: str, waiting: int) -> Device:
        """Return the box as `admit` does, or a revoked one that may still bring what it journaled before."""
        gone = self.revoked(device)
        if gone is not None and gone.journal and waiting and device == certified:
            return self._known(device)
        return self.admit(device, certified)

    def _known(self, device: str) -> Device:
        found = self.bundle.device(device)
        if found is None:
            raise PeerError(
                Refused.UNKNOWN_DEVICE,
                f"hello: the key bundle knows no box {device!r}; publish it with provision",
            )
        return found

    def admit(self, device: str, certified: str) -> Device:
        """Return the box that says it is `device`; raises PeerError with the number of the refusal."""
        if device != certified:
            raise PeerError(
                Refused.OTHER_DEVICE,
                f"hello: the certificate is for {certified!r}, not for {device!r}; enrol this box",
            )
        found = self._known(device)
        if found.revoked:
            raise PeerError(
                Refused.REVOKED_DEVICE,
                f"hello: box {device!r} is revoked; enrol it under a new name before it may come in",
            )
        return found

    def _seen(self) -> tuple[int, int]:
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return (0, 0)
        return (found.st_mtime_ns, found.st_size)
