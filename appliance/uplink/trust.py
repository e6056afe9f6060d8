"""Whose word counts: the city's key bundle, in the uplink's own copy, made newer by bundles that come as letters."""

import logging
from pathlib import Path

from keeping.wholefile import write_durably
from sync.bundle import KeyBundle, decode_bundle, replacement
from sync.errors import SealError
from sync.keys import VerifyKey, read_key

log = logging.getLogger("madobus.uplink")

KEY_BUNDLE = "key_bundle"
"""The kind of letter that brings a newer bundle; it is public, so the uplink may read it."""


class Trust:
    """The bundle in `path`; every bundle must be signed by the root key in `root` (a text key file)."""

    def __init__(self, path: Path, root: Path) -> None:
        self._path = path
        self._root = VerifyKey.from_raw(read_key(root.read_text(encoding="utf-8"), "verify"))
        self._bundle = decode_bundle(path.read_text(encoding="utf-8"), self._root)

    def bundle(self) -> KeyBundle:
        """Return the newest bundle that was taken."""
        return self._bundle

    def offer(self, body: bytes) -> None:
        """Take a newer bundle; an older, forked or forged one changes nothing and is logged."""
        try:
            text = body.decode("utf-8")
            offered = replacement(text, self._root, self._bundle)
        except (UnicodeDecodeError, SealError) as error:
            log.warning("bundle.refused held=%d cause=%s", self._bundle.version, error)
            return
        if offered.version > self._bundle.version:
            write_durably(self._path, text.encode())
            self._bundle = offered
            log.info("bundle.taken version=%d", offered.version)
