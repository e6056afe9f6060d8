"""Whose word counts: the city's key bundle, in the uplink's own copy, made newer by bundles that come as letters."""

import logging
from collections.abc import Iterable
from pathlib import Path

from appliance.mail.belief import KeyFiles
from sync.bundle import KeyBundle
from sync.errors import SealError
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
    """The bundle in `path`, under the root document in `root`; both walk forward and never back."""

    def __init__(self, path: Path, root: Path) -> None:
        self._files = KeyFiles(path, root)
        self._told = (0, 0)
        # A newer bundle that the disk did not take; its letter is kept, so the next start offers it again, too.
        self._unkept = b""

    def bundle(self) -> KeyBundle:
        """Return the newest bundle that was taken."""
        return self._files.bundle

    def offer(self, body: bytes) -> None:
        """Take a newer bundle; an older, forked or forged one, or a full disk, changes nothing and is logged."""
        try:
            news = self._files.offer(body.decode("utf-8"))
        except (UnicodeDecodeError, SealError) as error:
            log.warning("bundle.refused held=%d cause=%s", self._files.bundle.version, error)
            return
        except OSError as error:
            log.error("bundle.unkept held=%d cause=%s", self._files.bundle.version, error)  # noqa: TRY400 - the disk's own word
            self._unkept = body
            return
        self._unkept = b""
        if news:
            root, bundle = self._files.held.rank
            log.info("bundle.taken version=%d root=%d", bundle, root)

    def hear_of(self, root: int, bundle: int) -> None:
        """Note what city hall's signed word calls the newest bundle; one that does not come is logged once.

        One that the disk did not take is offered to it again.
        """
        if self._unkept:
            self.offer(self._unkept)
        if (root, bundle) > max(self._told, self._files.held.rank):
            log.warning("bundle.behind told=%d held=%d", bundle, self._files.bundle.version)
        self._told = max(self._told, (root, bundle))

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

    def _form(self, body: bytes) -> SignedForm | None:
        try:
            return decode_form(body, self._files.bundle.office_key)
        except SealError:
            return None
