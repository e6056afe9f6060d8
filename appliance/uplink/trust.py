"""Whose word counts: the city's key bundle, in the uplink's own copy, made newer by bundles that come as letters."""

import contextlib
import logging
from collections.abc import Iterable
from pathlib import Path

from keeping.wholefile import write_durably
from sync.bundle import KeyBundle, decode_bundle, replacement
from sync.errors import SealError
from sync.keys import VerifyKey, read_key
from sync.refusals import Refused
from sync.signedform import SignedForm, decode_form, rank_of

log = logging.getLogger("madobus.uplink")

KEY_BUNDLE = "key_bundle"
"""The kind of letter that brings a newer bundle; it is public, so the uplink may read it."""


PROCEDURE = "procedure"
"""The kind of letter that brings a form; it is signed and not sealed, so the uplink refuses a wrong one at once."""


class FormRefusedError(Exception):
    """A form is not taken; `code` and the sentence go to city hall."""

    def __init__(self, code: int, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


class Trust:
    """The bundle in `path`; every bundle must be signed by the root key in `root` (a text key file)."""

    def __init__(self, path: Path, root: Path) -> None:
        self._path = path
        self._root = VerifyKey.from_raw(read_key(root.read_text(encoding="utf-8"), "verify"))
        self._bundle = decode_bundle(self._held(), self._root)

    def bundle(self) -> KeyBundle:
        """Return the newest bundle that was taken."""
        return self._bundle

    def offer(self, body: bytes) -> None:
        """Take a newer bundle; an older, forked or forged one changes nothing and is logged.

        The file is read again first: a stick may have brought a newer one meanwhile.
        """
        with contextlib.suppress(OSError, SealError):
            self._bundle = replacement(self._held(), self._root, self._bundle)
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

    def check_form(self, body: bytes, kept: Iterable[bytes]) -> None:
        """Raise FormRefusedError unless our office signed this form and it is newer than those `kept` here.

        The desk believes nobody and looks again.
        """
        form = self._form(body)
        if form is None:
            sentence = "form: no office key of this bus's key bundle signed it; publish the bundle, then the form"
            raise FormRefusedError(Refused.LETTER_NOT_SIGNED, sentence)
        for one in kept:
            held = self._form(one)
            if (
                held is not None
                and held.procedure == form.procedure
                and rank_of(form.version) <= rank_of(held.version)
            ):
                sentence = f"form: version {form.version} is not newer than {held.version}"
                raise FormRefusedError(Refused.LETTER_OLD, sentence)

    def _held(self) -> str:
        return self._path.read_text(encoding="utf-8")

    def _form(self, body: bytes) -> SignedForm | None:
        try:
            return decode_form(body, self._bundle.office_key)
        except SealError:
            return None
