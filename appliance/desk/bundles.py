"""The city's key bundle as this box knows it: as enrolled, or a newer one that came by mail."""

import logging
from datetime import datetime
from pathlib import Path

from appliance.mail.store import MailStore
from keeping.wholefile import PRIVATE, write_durably
from sync.bundle import KeyBundle, decode_bundle
from sync.errors import SyncError
from sync.keys import VerifyKey

log = logging.getLogger(__name__)

KEY_BUNDLE = "key_bundle"


class Bundles:
    """Holds the newest bundle that the city's root signed; an older one never replaces a newer."""

    def __init__(self, path: Path, root: VerifyKey, mail: MailStore) -> None:
        self._path = path
        self._root = root
        self._mail = mail
        self.current: KeyBundle = decode_bundle(path.read_text(encoding="utf-8"), root)

    def refresh(self) -> None:
        """Take newer bundles out of the inbox; one that does not verify stays unread and is logged."""
        for letter in self._mail.letters(KEY_BUNDLE, unread_only=True):
            try:
                text = letter.body.decode("utf-8")
                found = decode_bundle(text, self._root)
            except (SyncError, ValueError) as error:
                log.warning("bundle.refused cause=%s", type(error).__name__)
                continue
            if found.version > self.current.version:
                write_durably(self._path, text.encode(), PRIVATE)
                self.current = found
                log.info("bundle.taken version=%d", found.version)
            self._mail.mark_read(letter.letter_id)

    def days_left(self, now: datetime) -> int:
        """Return the days until the bundle expires; negative when it has."""
        return (self.current.expires - now).days
