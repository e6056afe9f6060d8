"""The rows of questions from the buses and of what was answered. A question's words stay sealed on the shelf."""

from datetime import datetime

from sqlalchemy import func
from sqlmodel import Field, Session, col, select

from cityhall.office.models import OfficeTable
from keeping.database import Database
from sync.notes import Question

# Questions one list shows, newest first.
LISTED = 200
# Questions one case shows; a visit has at most fifty, of all its people.
OF_A_CASE = 50
# Answers one question may get: the first, and corrections of it.
ANSWERS_MAX = 20


class QuestionNotFoundError(Exception):
    """There is no question with this number: go back to the list."""


class TooManyAnswersError(Exception):
    """A question was answered so often that one more would confuse everybody: call the provider."""


class QuestionRow(OfficeTable, table=True):
    """One question: who asked, when, and the case it is about, which may not have arrived yet. No words of it."""

    __tablename__ = "question"

    question_id: str = Field(primary_key=True)
    case_id: str = Field(index=True)
    device: str
    procedure: str
    run: str
    stop: str
    provider_no: str
    provider_name: str
    asked_by: str
    asked_at: datetime
    arrived_at: datetime
    answered_at: datetime | None = Field(default=None, index=True)


class AnswerRow(OfficeTable, table=True):
    """One answer: who gave it and what it says, and the letter for the bus until it stands on the shelf."""

    __tablename__ = "answer"

    letter_id: str = Field(primary_key=True)
    question_id: str = Field(foreign_key="question.question_id", index=True)
    case_id: str = Field(index=True)
    device: str
    at: datetime
    actor: str
    text: str
    body: bytes
    posted: bool = Field(default=False, index=True)


class Questions:
    """The questions of this office; one function, one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def take(self, question: Question, device: str, arrived_at: datetime) -> None:
        """Keep a new question's row; the same one twice changes nothing."""
        with self._database.writing() as session:
            if session.get(QuestionRow, question.question_id.hex()) is None:
                session.add(_row(question, device, arrived_at))

    def known(self, question_id: bytes) -> bool:
        """Tell whether a question came before."""
        with self._database.reading() as session:
            return session.get(QuestionRow, question_id.hex()) is not None

    def find(self, question_id: str) -> QuestionRow:
        """Return a question's row; raises QuestionNotFoundError."""
        with self._database.reading() as session:
            row = session.get(QuestionRow, question_id)
        if row is None:
            raise QuestionNotFoundError(f"question: {question_id} is not in this office; reload")
        return row

    def waiting(self) -> int:
        """Count the questions nobody has answered."""
        query = (
            select(func.count())
            .select_from(QuestionRow)
            .where(col(QuestionRow.answered_at).is_(None))
        )
        with self._database.reading() as session:
            return session.exec(query).one()

    def listed(self) -> list[QuestionRow]:
        """Return the questions that wait, oldest first, then those that were answered, newest first."""
        answered = col(QuestionRow.answered_at)
        waiting = select(QuestionRow).where(answered.is_(None)).order_by(col(QuestionRow.asked_at))
        done = select(QuestionRow).where(answered.is_not(None)).order_by(answered.desc())
        with self._database.reading() as session:
            first = session.exec(waiting.limit(LISTED)).all()
            rest = session.exec(done.limit(LISTED - len(first))).all()
        return [*first, *rest]

    def of_case(self, case_id: str) -> list[QuestionRow]:
        """Return the newest questions about one case, oldest first; each is opened when the case is."""
        query = select(QuestionRow).where(QuestionRow.case_id == case_id)
        newest = query.order_by(col(QuestionRow.arrived_at).desc()).limit(OF_A_CASE)
        with self._database.reading() as session:
            return sorted(session.exec(newest), key=lambda row: row.asked_at)

    def answers(self, question_id: str) -> list[AnswerRow]:
        """Return what was answered to one question, oldest first."""
        query = select(AnswerRow).where(AnswerRow.question_id == question_id)
        with self._database.reading() as session:
            return list(session.exec(query.order_by(col(AnswerRow.at))))

    def answer(self, row: AnswerRow) -> None:
        """Keep an answer with its sealed letter; raises TooManyAnswersError."""
        with self._database.writing() as session:
            question = session.get_one(QuestionRow, row.question_id)
            given = (
                select(func.count())
                .select_from(AnswerRow)
                .where(AnswerRow.question_id == row.question_id)
            )
            if session.exec(given).one() >= ANSWERS_MAX:
                raise TooManyAnswersError(
                    f"answer: a question has at most {ANSWERS_MAX} answers; call the provider"
                )
            question.answered_at = row.at
            session.add_all([question, row])

    def unposted(self) -> list[AnswerRow]:
        """Return the sealed answers that are not yet known to stand on the shelf, oldest first."""
        query = select(AnswerRow).where(col(AnswerRow.posted).is_(False))
        with self._database.reading() as session:
            return list(session.exec(query.order_by(col(AnswerRow.at))))

    def posted(self, letter_id: str) -> None:
        """Note that an answer stands on the shelf; its sealed letter need not be kept here any more."""
        with self._database.writing() as session:
            row = session.get(AnswerRow, letter_id)
            if row is not None:
                row.posted, row.body = True, b""
                session.add(row)


def questions_of(session: Session, case_id: str) -> list[str]:
    """Return the ids of the questions about a case, which are their envelopes' too, oldest first."""
    query = select(QuestionRow.question_id).where(QuestionRow.case_id == case_id)
    return list(session.exec(query.order_by(col(QuestionRow.asked_at))))


def _row(question: Question, device: str, arrived_at: datetime) -> QuestionRow:
    return QuestionRow(
        question_id=question.question_id.hex(),
        case_id=question.case_id.hex(),
        device=device,
        procedure=question.procedure,
        run=question.run,
        stop=question.stop,
        provider_no=question.provider_no,
        provider_name=question.provider_name,
        asked_by=question.asked_by,
        asked_at=question.asked_at,
        arrived_at=arrived_at,
    )
