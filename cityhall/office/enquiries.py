"""What a caseworker does with the buses' questions: read one, answer it. The audit line stands before the words do."""

import logging
from dataclasses import dataclass

from cityhall.mail.downwards import TrayFullError
from cityhall.office.audit import AuditPen
from cityhall.office.casework import Shelf, Who
from cityhall.office.correspondence import Post
from cityhall.office.inbox import Inbox
from cityhall.office.models import CaseRow
from cityhall.office.question_rows import AnswerRow, QuestionRow, Questions
from cityhall.office.vault import Asked, Vault, VaultError
from sync.letters import Answer, encode_letter
from sync.notes import Question

log = logging.getLogger(__name__)

ANSWER = "answer"
LONGEST_ANSWER = 1000


class AnswerTextError(ValueError):
    """An answer says nothing, or more than fits on a screen in a car park."""


@dataclass(frozen=True, slots=True)
class Thread:
    """A question with its words, what was answered, and the case it is about as far as it is here.

    `text` is None where the question does not open now.
    """

    row: QuestionRow
    text: str | None
    answers: tuple[AnswerRow, ...]
    case: CaseRow | None


class Enquiries:
    """The questions of the buses and the division's answers."""

    def __init__(
        self,
        *,
        shelf: Shelf,
        questions: Questions,
        inbox: Inbox,
        vault: Vault,
        audit: AuditPen,
        post: Post,
    ) -> None:
        self._shelf = shelf
        self._questions = questions
        self._inbox = inbox
        self._vault = vault
        self._audit = audit
        self._post = post

    def waiting(self) -> int:
        """Count the questions nobody has answered."""
        return self._questions.waiting()

    def listed(self) -> list[tuple[QuestionRow, CaseRow | None]]:
        """Return the questions to be answered, oldest first, then those that were; their words stay sealed."""
        return [(row, self._case(row)) for row in self._questions.listed()]

    def read(self, question_id: str, who: Who) -> Thread:
        """Open one question for one caseworker; raises QuestionNotFoundError or VaultError."""
        row = self._questions.find(question_id)
        return self._thread(row, self._text(row, who))

    def of_case(self, case_id: str, who: Who) -> list[Thread]:
        """Open the questions about one case, oldest first; one that does not open keeps no case shut."""
        found = []
        for row in self._questions.of_case(case_id):
            try:
                text = self._text(row, who)
            except VaultError:
                text = None
            found.append(self._thread(row, text))
        return found

    def answer(self, question_id: str, who: Who, text: str) -> None:
        """Answer a question, or correct an earlier answer; sealed and kept here before it is posted.

        Raises AnswerTextError, TooManyAnswersError, QuestionNotFoundError or VaultError.
        """
        said = text.strip()
        if not said or len(said) > LONGEST_ANSWER:
            raise AnswerTextError(f"answer: it has 1 to {LONGEST_ANSWER} signs; mend it")
        row, now = self._questions.find(question_id), self._post.clock.now().wall
        asked, case = self._text(row, who), self._case(row)
        letter = Answer(
            answer_id=bytes.fromhex(row.question_id),
            case_id=bytes.fromhex(row.case_id),
            receipt_no=case.filing_no if case else "",
            provider_no=row.provider_no,
            question=asked,
            text=said,
            answered_at=now,
        )
        letter_id, body = self._post.seal_letter(
            ANSWER, encode_letter(letter), row.device, letter.answer_id
        )
        self._audit.write(
            actor=who.name,
            action="question.answered",
            case_id=row.case_id,
            reason="",
            detail="",
            origin=who.origin,
        )
        self._questions.answer(
            AnswerRow(
                letter_id=letter_id.hex(),
                question_id=row.question_id,
                case_id=row.case_id,
                device=row.device,
                at=now,
                actor=who.name,
                text=said,
                body=body,
            )
        )
        self.post_waiting()

    def post_waiting(self) -> int:
        """Put every kept answer onto the shelf that is not known to stand there; safe to repeat."""
        posted = 0
        for row in self._questions.unposted():
            letter_id = bytes.fromhex(row.letter_id)
            try:
                self._shelf.post_letter(row.device, ANSWER, row.body, letter_id)
            except TrayFullError:
                log.warning("answer.waits device=%s cause=tray_full", row.device)
                continue
            self._questions.posted(row.letter_id)
            posted += 1
        return posted

    def _text(self, row: QuestionRow, who: Who) -> str:
        asked = Asked(who.name, "question.opened", "review", row.case_id, "", who.origin)
        env_id = bytes.fromhex(row.question_id)
        try:
            slip = self._shelf.slip(env_id)
        except KeyError as missing:
            raise VaultError(
                "question: it opens from the shelf, and the shelf does not hold it; "
                "after a restore its bus brings it again"
            ) from missing
        note = self._vault.note(slip, row.device, asked)
        if not isinstance(note, Question):
            raise VaultError("question: the envelope holds something else; tell the developers")
        return note.text

    def _thread(self, row: QuestionRow, text: str | None) -> Thread:
        return Thread(row, text, tuple(self._questions.answers(row.question_id)), self._case(row))

    def _case(self, row: QuestionRow) -> CaseRow | None:
        entry = self._inbox.entry(row.case_id) if row.case_id else None
        return None if entry is None else entry.case
