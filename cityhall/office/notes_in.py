"""Takes in what the buses send beside applications: questions, sheets, measures, bags. Opened once, audited."""

import logging
from typing import Final, Protocol

from cityhall.mail.models import Arrival
from cityhall.office.bag_rows import Bags
from cityhall.office.case_keys import CaseErasedError
from cityhall.office.evaluation import Evaluation
from cityhall.office.question_rows import Questions
from cityhall.office.vault import Asked, Vault, VaultError
from sync.custody import CustodyList
from sync.notes import CUSTODY, KINDS, MEASURES, QUESTION, SURVEY, Note, Question

log = logging.getLogger(__name__)

ACTOR = "arrivals"
_ACTIONS: Final = {
    QUESTION: "question.received",
    SURVEY: "survey.received",
    MEASURES: "measures.received",
    CUSTODY: "custody.received",
}


class Shelf(Protocol):
    """What this needs of the shelf."""

    def slip(self, env_id: bytes) -> bytes:
        """Return a slip; raises KeyError for an erased one."""

    def forget(self, env_id: bytes) -> None:
        """Erase a whole envelope's sealed bytes; harmless twice."""


class NotesIn:
    """Opens a note and gives it to its store. Everything may come twice."""

    def __init__(
        self,
        shelf: Shelf,
        vault: Vault,
        questions: Questions,
        evaluation: Evaluation,
        bags: Bags,
    ) -> None:
        self._shelf = shelf
        self._vault = vault
        self._questions = questions
        self._evaluation = evaluation
        self._bags = bags

    def knows(self, kind: str) -> bool:
        """Tell whether envelopes of this kind are notes."""
        return kind in KINDS

    def take(self, arrival: Arrival) -> bool:
        """Take one note in; False when it does not open. One about an application that was erased is erased, too."""
        if not arrival.complete or self._known(arrival):
            return True  # its next step, or the one before, is the one that counts
        try:
            slip = self._shelf.slip(arrival.env_id)
        except KeyError:
            return True  # erased with its application, and this shelf knows only that it was here
        asked = Asked(ACTOR, _ACTIONS[arrival.kind], "register", detail=arrival.filing_no)
        try:
            note = self._vault.note(slip, arrival.device, asked)
        except VaultError as refusal:
            if isinstance(refusal.__cause__, CaseErasedError):
                self._shelf.forget(arrival.env_id)
                log.info("note.of_an_erased_case serial=%d", arrival.serial)
                return True
            log.warning("note.sealed serial=%d device=%s", arrival.serial, arrival.device)
            return False
        self._put(note, arrival)
        log.info("note.taken kind=%s serial=%d", arrival.kind, arrival.serial)
        return True

    def _known(self, arrival: Arrival) -> bool:
        """Tell whether it was taken in before: it is not opened again."""
        if arrival.kind == CUSTODY:
            return self._bags.known(arrival.env_id)
        store = self._questions if arrival.kind == QUESTION else self._evaluation
        return store.known(arrival.env_id)

    def _put(self, note: Note, arrival: Arrival) -> None:
        if isinstance(note, Question):
            self._questions.take(note, arrival.device, arrival.received_at)
        elif isinstance(note, CustodyList):
            self._bags.take(note, arrival.device, arrival.received_at)
        else:
            self._evaluation.take(note, arrival.received_at)
