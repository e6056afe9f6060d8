"""The city's key bundle as this box knows it: as enrolled, or a newer one that came by mail."""

import logging
from datetime import datetime, timedelta
from pathlib import Path

from appliance.mail.belief import KeyFiles
from appliance.mail.store import MailStore
from sync.bundle import Division, KeyBundle, division_at
from sync.errors import SealError, SyncError
from sync.receipt import Beacon, read_beacon
from sync.root import StaleError

log = logging.getLogger(__name__)

KEY_BUNDLE = "key_bundle"

CONFIRMED_FOR = timedelta(days=7)
"""How long city hall's word that this is its newest bundle is good for."""


class Bundles:
    """Holds the newest bundle under the city's root (the documents in `path` and `root`); neither ever goes back."""

    def __init__(self, path: Path, root: Path, mail: MailStore) -> None:
        self._mail = mail
        self._files = KeyFiles(path, root)

    @property
    def current(self) -> KeyBundle:
        """The newest bundle that was taken."""
        return self._files.bundle

    def refresh(self) -> None:
        """Take newer bundles out of the inbox; one that does not verify or find room stays unread and is logged."""
        for letter in self._mail.letters(KEY_BUNDLE, unread_only=True):
            try:
                self.offer(letter.body.decode("utf-8"))
            except (SyncError, ValueError) as error:
                log.warning("bundle.refused cause=%s", type(error).__name__)
                continue
            except OSError as error:
                log.error("bundle.unkept cause=%s", error)  # noqa: TRY400 - the disk's own word
                continue
            self._mail.mark_read(letter.letter_id)

    def offer(self, text: str) -> bool:
        """Take a newer bundle and tell whether it was news; an older one is none. Raises SealError."""
        try:
            news = self._files.offer(text)
        except StaleError:
            return False
        if news:
            root, bundle = self._files.held.rank
            log.info("bundle.taken version=%d root=%d", bundle, root)
        return news

    def division(self, now: datetime) -> Division:
        """Return the division's key a hand-in at `now` is sealed for, and how that stands."""
        return division_at(self.current, now)

    def confirmed(self, now: datetime) -> bool:
        """Tell whether city hall said lately that it knows no newer bundle; a bundle itself says so when it is made."""
        told, said = self._told(), self.current.issued
        if told is not None:
            if (told.root, told.bundle) > self._files.held.rank:
                return False
            said = max(said, told.time)
        return now - said < CONFIRMED_FOR

    def _told(self) -> Beacon | None:
        data = self._mail.beacon()
        try:
            return None if data is None else read_beacon(data, self.current)
        except SealError:
            return None

    def days_left(self, now: datetime) -> int:
        """Return the days until bundle or root expires; negative when one has."""
        held = self._files.held
        return (min(held.bundle.expires, held.root.expires) - now).days
