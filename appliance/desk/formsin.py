"""Which version of its form this counter uses: the one that came with the box, or a newer one the office signed."""

import logging
from datetime import date
from pathlib import Path

from appliance.desk.bundles import Bundles
from appliance.mail.store import MailStore
from keeping.wholefile import PRIVATE, write_durably
from procedures.definition import ProcedureError, read
from procedures.procedure import Procedure
from sync.errors import SealError
from sync.refusals import Refused
from sync.signedform import SignedForm, decode_form, rank_of

log = logging.getLogger(__name__)

PROCEDURE = "procedure"
FILE = "form-in-force"


class FormRefusedError(Exception):
    """A form that came is not taken; `code` is the number of docs/protocol.md."""

    def __init__(self, code: int, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


class Forms:
    """The form in force. It changes between two visits only; an older or unsigned one never replaces it."""

    def __init__(self, folder: Path, shipped: Procedure, mail: MailStore, bundles: Bundles) -> None:
        self._path = folder / FILE
        self._mail = mail
        self._bundles = bundles
        self.current = shipped
        self.refused: FormRefusedError | None = None
        self._remember()

    def refresh(self, today: date) -> None:
        """Put the newest form in force that came by mail and counts from `today` or before.

        What is not taken is logged with its number and stays known as `refused` until a form is taken.
        """
        for letter in self._mail.letters(PROCEDURE, unread_only=True):
            try:
                form, procedure = self._read(letter.body)
                if form.valid_from > today:
                    continue
                self._newer(form)
            except FormRefusedError as error:
                log.warning("form.refused code=%d cause=%s", error.code, error)
                self.refused = error
                if error.code == Refused.LETTER_NOT_SIGNED:
                    continue  # a newer key bundle may know the key
            else:
                write_durably(self._path, letter.body, PRIVATE)
                self.current, self.refused = procedure, None
                log.info("form.taken version=%s", procedure.version)
            self._mail.mark_read(letter.letter_id)

    def _remember(self) -> None:
        """Take the form that was in force before this start, unless the box brought a newer one with it."""
        try:
            form, procedure = self._read(self._path.read_bytes())
            self._newer(form)
        except FileNotFoundError:
            return
        except FormRefusedError as error:
            log.warning("form.left code=%d cause=%s", error.code, error)
        else:
            self.current = procedure

    def _read(self, body: bytes) -> tuple[SignedForm, Procedure]:
        try:
            form = decode_form(body, self._bundles.current.office_key)
        except SealError as error:
            raise FormRefusedError(Refused.LETTER_NOT_SIGNED, str(error)) from error
        try:
            procedure = read(form.text, f"{form.procedure} {form.version}")
        except ProcedureError as error:
            raise FormRefusedError(Refused.LETTER_SHAPE, str(error)) from error
        if (procedure.id, procedure.version) != (form.procedure, form.version):
            sentence = "form: its text names another procedure or version than its signature"
            raise FormRefusedError(Refused.LETTER_SHAPE, sentence)
        return form, procedure

    def _newer(self, form: SignedForm) -> None:
        if form.procedure != self.current.id:
            sentence = f"form: this counter takes {self.current.id}, not {form.procedure}"
            raise FormRefusedError(Refused.LETTER_SHAPE, sentence)
        if rank_of(form.version) <= rank_of(self.current.version):
            sentence = f"form: version {form.version} is not newer than {self.current.version}"
            raise FormRefusedError(Refused.LETTER_OLD, sentence)
