"""Talking with the division from an open visit: questions up, answers down, survey sheets, the visit's measures."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from appliance.desk.bagtray import BagTray
from appliance.desk.clock import japan_day
from appliance.desk.drafts import DraftsFull
from appliance.desk.letters import ANSWER, open_letter
from appliance.desk.measuring import measures
from appliance.desk.notesup import keep_note
from appliance.desk.openvisit import OpenVisit
from appliance.desk.partners import Partners, Refused
from appliance.desk.snapshot import Asked, Snapshot
from appliance.mail.models import OutboxRow
from appliance.mail.store import ShelfFull
from procedures.itembank import AnswerError, item_bank
from sync.errors import SealError
from sync.letters import Answer
from sync.notes import MEASURES, SURVEY, TEXT_MAX, Question, SurveySheet, VisitMeasures, note_id

log = logging.getLogger(__name__)

QUESTIONS_MAX = 50
"""Questions of one visit; a visit has a handful."""
ID_BYTES = 16
PROVIDER, CITIZEN, STAFF = "provider", "citizen", "staff"
CITIZENS = frozenset({"one_to_one", "one_stop"})
"""Patterns in which the person at the counter is the one it is about; at the others a business is."""


@dataclass(frozen=True, slots=True)
class Thread:
    """A question of this visit: where it is (unsealed | kept | sending | arrived | complete | refused), its answer."""

    asked: Asked
    standing: str
    answer: Answer | None


class Talk:
    """What one open visit says to the division and hears of it."""

    def __init__(self, partners: Partners, visit: OpenVisit) -> None:
        self._partners = partners
        self._visit = visit
        self._turn = asyncio.Lock()
        self._opened: dict[bytes, Answer] = {}

    async def take_up(self) -> None:
        """Seal what a cut, or a full shelf, left unsealed."""
        for asked in await self._unsealed():
            try:
                await self._seal(asked)
            except ShelfFull:
                log.warning("question.waits cause=shelf_full")
                return

    async def ask(self, question: str, about: str, text: str) -> None:
        """Leave a question for the division; the same id twice is one question. Raises Refused, or ShelfFull.

        A question that finds the shelf full stays in the draft and is sealed later.
        """
        async with self._turn:
            visit, said = self._visit, text.strip()
            if visit.pack is None:
                raise Refused("refused.stop_none")
            if not _is_id(question):
                raise Refused("refused.step")
            if question in {one.question for one in visit.snapshot.questions}:
                return
            if not said:
                raise Refused("refused.question_empty")
            if len(said) > TEXT_MAX:
                raise Refused("refused.question_long", most=TEXT_MAX)
            if len(visit.snapshot.questions) >= QUESTIONS_MAX:
                raise Refused("refused.question_many", most=QUESTIONS_MAX)
            asked = self._asked(question, about, said)
            await visit.alter(lambda kept: replace(kept, questions=(*kept.questions, asked)))
            await self._seal(asked)
            log.info("question.asked about=%s", "application" if about else "stop")

    async def threads(self) -> list[Thread]:
        """Return this visit's questions, the newest first, and as far as they have come."""
        asked = self._visit.snapshot.questions
        rows = await self._rows()
        answers = {one.answer_id.hex(): one for one in await self.heard()}
        return [
            Thread(one, _standing(rows.get(one.question)), answers.get(one.question))
            for one in reversed(asked)
        ]

    async def heard(self) -> list[Answer]:
        """Return city hall's answers for this stop's provider, the newest first."""
        found = await asyncio.to_thread(self._letters, unread=False)
        newest = {one.answer_id: one for one in sorted(found.values(), key=_when)}
        return sorted(newest.values(), key=_when, reverse=True)

    async def fresh(self) -> int:
        """Return how many answers came that nobody has looked at."""
        return len(await asyncio.to_thread(self._letters, unread=True))

    async def seen(self) -> None:
        """Note that a person looked at the answers that are here."""
        for letter_id in await asyncio.to_thread(self._letters, unread=True):
            await asyncio.to_thread(self._partners.mail.mark_read, letter_id)

    async def unsealed(self) -> int:
        """Return how many questions wait for room on the shelf."""
        return len(await self._unsealed())

    def surveys_due(self) -> list[str]:
        """Return whose sheets are still to be asked for: provider, citizen/NUMBER of the case, staff.

        Nobody is asked before something was handed in; citizens are asked one by one, the others once a visit.
        """
        snapshot, found = self._visit.snapshot, []
        for number, batch in enumerate(snapshot.batches, 1):
            if any(item.handed for item in batch.applications):
                citizen = self._partners.form_of(batch).pattern in CITIZENS
                found.append(f"{CITIZEN}/{number}" if citizen else PROVIDER)
        whose = dict.fromkeys([*found, STAFF] if found else [])
        return [one for one in whose if one not in snapshot.surveyed]

    async def answer_survey(self, whose: str, given: Mapping[str, Sequence[str]]) -> None:
        """Seal one sheet of answers, an empty one when all was skipped; one that is not due changes nothing.

        Raises Refused for an answer that is none.
        """
        async with self._turn:
            visit, bank, respondent = self._visit, item_bank(), respondent_of(whose)
            if whose not in self.surveys_due():
                return
            try:
                read = [
                    (item, bank.read(item, given.get(item, ())))
                    for item, _ in bank.sheet(respondent)
                ]
            except AnswerError as error:
                raise Refused("refused.survey_answer", item=error.item) from error
            session = bytes.fromhex(visit.file.visit)
            sheet = SurveySheet(
                sheet_id=note_id(session, f"{SURVEY}/{whose}"),
                session=session,
                respondent=respondent,
                bank=bank.version,
                answers=tuple((item, values) for item, values in read if values),
                answered_on=japan_day(self._partners.clock.now().wall),
            )
            await asyncio.to_thread(keep_note, self._partners, sheet, visit.file.visit)
            await visit.alter(lambda kept: replace(kept, surveyed=(*kept.surveyed, whose)))

    async def pause(self) -> None:
        """Keep the counts before the visit is locked; a full disk keeps no visit open."""
        with suppress(DraftsFull):
            await self._visit.alter(lambda kept: kept)

    async def finish(self) -> None:
        """Seal the list of bags, the visit's measures, and what is still unsealed.

        A full or failing shelf, or a note beyond the agreement's limits, never keeps a visit open.
        """
        try:
            await self.take_up()
            notes = (BagTray(self._partners, self._visit).told(), await self._measured())
            for note in notes:
                if note is not None:
                    await asyncio.to_thread(keep_note, self._partners, note, self._visit.file.visit)
        except (ShelfFull, OSError, ValueError) as error:
            log.warning("notes.left cause=%s", type(error).__name__)

    def _asked(self, question: str, about: str, text: str) -> Asked:
        case, procedure = "", ""
        for batch in self._visit.snapshot.batches:
            for item in batch.applications:
                if about and item.app_id == about:
                    case, procedure = item.completes_case or item.app_id, batch.procedure
        if about and not case:
            raise Refused("refused.application")
        at = self._partners.clock.now().wall
        return Asked(question, about, case, procedure, text, at.isoformat())

    async def _seal(self, asked: Asked) -> None:
        visit = self._visit
        if visit.pack is None:
            return
        note = Question(
            question_id=bytes.fromhex(asked.question),
            case_id=bytes.fromhex(asked.case),
            procedure=asked.procedure,
            run=visit.pack.run,
            stop=visit.pack.stop,
            provider_no=visit.pack.provider_no,
            provider_name=visit.pack.provider_name,
            asked_by=visit.staff.staff_id,
            text=asked.text,
            asked_at=datetime.fromisoformat(asked.asked_at),
        )
        await asyncio.to_thread(keep_note, self._partners, note, visit.file.visit)

    async def _measured(self) -> VisitMeasures | None:
        """Return the measures of a visit in which something was declared; there is nothing to tell of another."""
        visit, partners = self._visit, self._partners
        if visit.pack is None or not visit.snapshot.batches:
            return None
        session = bytes.fromhex(visit.file.visit)
        transfer = await asyncio.to_thread(self._transfer, visit.snapshot)
        values = measures(visit.snapshot, visit.counting.tally(), transfer)
        closed = partners.clock.now().wall
        return VisitMeasures(
            measures_id=note_id(session, MEASURES),
            session=session,
            run=visit.pack.run,
            stop=visit.pack.stop,
            procedures=tuple(sorted({batch.procedure for batch in visit.snapshot.batches})),
            opened_at=min(visit.file.opened_at, closed),
            closed_at=closed,
            values=tuple(values.items()),
        )

    def _transfer(self, snapshot: Snapshot) -> dict[str, str]:
        return transfer_of(self._partners, snapshot)

    async def _rows(self) -> dict[str, OutboxRow]:
        ids = [bytes.fromhex(one.question) for one in self._visit.snapshot.questions]
        found = await asyncio.to_thread(self._partners.mail.find_all, ids)
        return {row.env_id.hex(): row for row in found}

    async def _unsealed(self) -> list[Asked]:
        rows = await self._rows()
        return [one for one in self._visit.snapshot.questions if one.question not in rows]

    def _letters(self, *, unread: bool) -> dict[bytes, Answer]:
        """Return this provider's answers by their letter; each is opened once in a visit."""
        partners, provider = self._partners, self._visit.snapshot.provider_no
        found = {}
        for letter in partners.mail.letters(ANSWER, unread_only=unread):
            if letter.letter_id not in self._opened:
                try:
                    content = open_letter(letter, partners.bundles.current, self._visit.reading)
                except (SealError, ValueError):
                    continue  # a newer key bundle may still open it; the list of letters says so in the log
                if not isinstance(content, Answer):
                    continue
                self._opened[letter.letter_id] = content
            answer = self._opened[letter.letter_id]
            if not provider or answer.provider_no in {"", provider}:
                found[letter.letter_id] = answer
        return found


def respondent_of(whose: str) -> str:
    """Return the respondent of a sheet: provider, citizen or staff."""
    return whose.partition("/")[0]


def transfer_of(partners: Partners, snapshot: Snapshot) -> dict[str, str]:
    """Return kept | sending | arrived | complete | refused of everything this visit handed in, by env_id."""
    items = [item for batch in snapshot.batches for item in batch.applications]
    rows = partners.mail.find_all([bytes.fromhex(item.env_id) for item in items])
    return {row.env_id.hex(): row.standing for row in rows}


def _is_id(written: str) -> bool:
    try:
        return len(bytes.fromhex(written)) == ID_BYTES and written == written.lower()
    except ValueError:
        return False


def _standing(row: OutboxRow | None) -> str:
    return "unsealed" if row is None else row.standing


def _when(answer: Answer) -> datetime:
    return answer.answered_at
