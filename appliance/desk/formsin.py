"""Which forms this counter takes, in which version: as they came with the box, or newer as the office signed them."""

import logging
from collections.abc import Iterable
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
FORMS_MAX = 40
"""Forms one counter takes."""


class FormRefusedError(Exception):
    """A form that came is not taken; `code` is the number of docs/protocol.md."""

    def __init__(self, code: int, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


class Forms:
    """The forms in force. They change between two visits only; an older or unsigned one never replaces one.

    `shipped` is the form taken in batches; `others` are taken one by one, and with them whatever new form the
    office signs. Without `others` the counter takes that one form alone.
    """

    def __init__(
        self,
        folder: Path,
        shipped: Procedure,
        mail: MailStore,
        bundles: Bundles,
        others: Iterable[Procedure] | None = None,
    ) -> None:
        self._folder = folder
        self._mail = mail
        self._bundles = bundles
        self._batch_form = shipped.id
        self._open = others is not None
        self._forms = {form.id: form for form in (shipped, *(others or ()))}
        self.refused: FormRefusedError | None = None
        self._remember()

    @property
    def current(self) -> Procedure:
        """The form that is taken in batches."""
        return self._forms[self._batch_form]

    @property
    def offered(self) -> tuple[Procedure, ...]:
        """Every form this counter takes, that for batches first, the others by their id."""
        others = sorted(name for name in self._forms if name != self._batch_form)
        return (self.current, *(self._forms[name] for name in others))

    def of(self, procedure: str) -> Procedure:
        """Return the form of this id in force; raises KeyError for one this counter does not take."""
        return self._forms[procedure]

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
                write_durably(self._path(procedure.id), letter.body, PRIVATE)
                self._forms[procedure.id], self.refused = procedure, None
                log.info("form.taken form=%s version=%s", procedure.id, procedure.version)
            self._mail.mark_read(letter.letter_id)

    def _remember(self) -> None:
        """Take the forms that were in force before this start, unless the box brought newer ones with it."""
        for path in sorted(self._folder.glob(f"{FILE}*")):
            try:
                form, procedure = self._read(path.read_bytes())
                self._newer(form)
            except FormRefusedError as error:
                log.warning("form.left code=%d cause=%s", error.code, error)
            else:
                self._forms[procedure.id] = procedure

    def _path(self, procedure: str) -> Path:
        return self._folder / (FILE if procedure == self._batch_form else f"{FILE}-{procedure}")

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
        known = self._forms.get(form.procedure)
        if known is None:
            if not self._open or len(self._forms) >= FORMS_MAX:
                sentence = f"form: this counter takes {self.current.id}, not {form.procedure}"
                raise FormRefusedError(Refused.LETTER_SHAPE, sentence)
        elif rank_of(form.version) <= rank_of(known.version):
            sentence = f"form: version {form.version} is not newer than {known.version}"
            raise FormRefusedError(Refused.LETTER_OLD, sentence)
