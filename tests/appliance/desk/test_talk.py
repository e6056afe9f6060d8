"""Talking with the division: questions up, answers down, the survey, the measures, the totals at the end."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from appliance.desk.counter import Counter
from appliance.desk.partners import Refused
from appliance.desk.reconciling import Line, Reconciled, reconcile
from appliance.desk.talk import QUESTIONS_MAX, transfer_of
from appliance.desk.tally import GAP_S, NOTHING, Counting
from appliance.mail.store import MailStore, ShelfFull
from procedures.definition import load
from sync.letters import Answer
from sync.notes import Note, Question, SurveySheet, VisitMeasures, decode_note
from sync.seal import open_record
from tests.support.counterworld import NOON, PIN, PROVIDER, STAFF, CounterWorld, settled
from tests.support.madeup_papers import card, front, stack

ID = "0a" * 16


def kept(world: CounterWorld, mail: MailStore, kind: str) -> list[Note]:
    """Open the notes of one kind that lie on the shelf, as the division does."""
    return [
        decode_note(open_record(mail.slip(row.env_id), world.division, world.signer.public))
        for row in mail.outbox()
        if row.kind == kind
    ]


async def refused(step: Any) -> str:
    """Return the word of a refusal."""
    with pytest.raises(Refused) as said:
        await step
    return said.value.key


async def feed(world: CounterWorld, counter: Counter, sheets: list[bytes], declared: int) -> None:
    """Declare and feed a stack, and wait until all of it is read."""
    await counter.on_tray().declare(declared, "")
    world.scanner.stack = list(sheets)
    await counter.on_tray().feed()
    await settled(counter)


async def hand_in(counter: Counter, *, protective: bool = True) -> None:
    """Confirm the clean ones and hand in."""
    await counter.on_tray().confirm_clean()
    await counter.on_tray().hand_in(counter.stop_here(), protective=protective)


def answer_to(question: str, **changed: Any) -> Answer:
    """Return city hall's answer to a question."""
    told = Answer(
        bytes.fromhex(question), b"", "", PROVIDER, "同意欄は？", "代筆で差し支えありません。", NOON
    )
    return replace(told, **changed)


async def test_a_question_is_sealed_for_the_division(
    world: CounterWorld, counter: Counter, mail: MailStore
) -> None:
    """Without any link it lies on the shelf before the press is answered, with the stop and the case."""
    await feed(world, counter, stack(1), 1)
    item = counter.opened().current().applications[0]
    await counter.on_talk().ask(ID, item.app_id, " 同意欄は代筆でもよいですか。\n")
    (asked,) = kept(world, mail, "question")
    assert isinstance(asked, Question)
    assert (asked.text, asked.case_id.hex(), asked.procedure, asked.asked_by) == (
        "同意欄は代筆でもよいですか。",
        item.app_id,
        "care-renewal",
        STAFF,
    )
    assert (asked.provider_no, asked.stop) == (PROVIDER, "kitakami")
    assert [(one.standing, one.answer) for one in await counter.on_talk().threads()] == [
        ("kept", None)
    ]


async def test_a_question_pressed_twice_is_asked_once(counter: Counter, mail: MailStore) -> None:
    """The page brings the question's id: a second press is the same question."""
    for _ in range(2):
        await counter.on_talk().ask(ID, "", "駐車場は使えますか。")
    assert len(mail.outbox()) == len(counter.opened().snapshot.questions) == 1


NO_QUESTIONS: tuple[tuple[Mapping[str, str], str], ...] = (
    ({"text": "  "}, "refused.question_empty"),
    ({"text": "字" * 1001}, "refused.question_long"),
    ({"about": "ff" * 16}, "refused.application"),
    ({"question": "zz"}, "refused.step"),
    ({"question": "0A" * 16}, "refused.step"),
)


async def test_fail__what_is_no_question(counter: Counter, mail: MailStore) -> None:
    """Said in words; nothing is kept."""
    usual = {"question": ID, "about": "", "text": "駐車場は使えますか。"}
    said = [await refused(counter.on_talk().ask(**{**usual, **form})) for form, _ in NO_QUESTIONS]
    assert said == [word for _, word in NO_QUESTIONS]
    assert mail.outbox() == []


async def test_fail__more_questions_than_a_visit_has(counter: Counter) -> None:
    """A key that hangs cannot fill the shelf."""
    visit = counter.opened()
    await counter.on_talk().ask(ID, "", "一")
    first = visit.snapshot.questions[0]
    many = tuple(replace(first, question=f"{n:032x}") for n in range(QUESTIONS_MAX))
    await visit.alter(lambda snapshot: replace(snapshot, questions=many))
    assert await refused(counter.on_talk().ask("0b" * 16, "", "二")) == "refused.question_many"


async def test_a_question_before_the_stop_is_chosen_waits(
    world: CounterWorld, mail: MailStore
) -> None:
    """Nobody would know who asked."""
    counter = world.counter(mail)
    await counter.sign_in(STAFF, PIN)
    assert await refused(counter.on_talk().ask(ID, "", "一")) == "refused.stop_none"
    await counter.stop()
    assert await refused(_talking(counter)) == "refused.visit_none"


async def _talking(counter: Counter) -> None:
    counter.on_talk()


async def test_a_question_that_found_no_room_is_sealed_after_the_next_start(
    world: CounterWorld, counter: Counter, mail: MailStore
) -> None:
    """It stays in the draft, the page says so, and a restart tries again."""
    world.free = 0
    with pytest.raises(ShelfFull):
        await counter.on_talk().ask(ID, "", "駐車場は使えますか。")
    assert [one.standing for one in await counter.on_talk().threads()] == ["unsealed"]
    assert await counter.on_talk().unsealed() == 1
    await counter.on_talk().take_up()
    world.free = 10**12
    await counter.lock()
    again = await world.opened(mail)
    assert [one.standing for one in await again.on_talk().threads()] == ["kept"]
    await again.stop()


async def test_the_answer_stands_with_its_question_until_somebody_looked(
    world: CounterWorld, counter: Counter, mail: MailStore
) -> None:
    """Of two answers with one id the one given last counts; another provider's is not shown here."""
    talk = counter.on_talk()
    await talk.ask(ID, "", "同意欄は？")
    later = NOON + timedelta(minutes=5)
    world.post(mail, "answer", answer_to(ID, text="訂正です。", answered_at=later))
    world.post(mail, "answer", answer_to(ID))
    world.post(mail, "answer", answer_to("0c" * 16, provider_no="9999999999"))
    world.post(mail, "answer", answer_to("0d" * 16, provider_no=""), signer=world.signer)
    assert await talk.fresh() == 2
    (thread,) = await talk.threads()
    assert thread.answer is not None
    assert thread.answer.text == "訂正です。"
    await talk.seen()
    assert await talk.fresh() == 0
    assert len(await talk.heard()) == 1


async def test_a_letter_that_is_no_answer_is_passed_over(
    world: CounterWorld, counter: Counter, mail: MailStore
) -> None:
    """Its kind says answer, its content says something else."""
    world.post(mail, "answer", world.request(5))
    assert await counter.on_talk().heard() == []


async def test_the_survey_is_a_sheet_without_a_name(
    world: CounterWorld, counter: Counter, mail: MailStore
) -> None:
    """Item ids and values, linked by the visit's pseudonym alone."""
    talk = counter.on_talk()
    assert talk.surveys_due() == []
    await feed(world, counter, stack(1), 1)
    await hand_in(counter)
    assert talk.surveys_due() == ["provider", "staff"]
    for given in ({"B05": ["4"]}, {"B05": ["1"]}):
        await talk.answer_survey("provider", given)
    (sheet,) = kept(world, mail, "survey")
    assert isinstance(sheet, SurveySheet)
    assert (sheet.respondent, sheet.answers) == ("provider", (("B05", ("4",)),))
    assert sheet.session.hex() == counter.opened().file.visit
    assert talk.surveys_due() == ["staff"]


async def test_a_survey_may_be_passed_over(
    world: CounterWorld, counter: Counter, mail: MailStore
) -> None:
    """An empty sheet says that somebody was asked; a respondent nobody knows is asked nothing."""
    await feed(world, counter, stack(1), 1)
    await hand_in(counter)
    await counter.on_talk().answer_survey("provider", {})
    await counter.on_talk().answer_survey("passer-by", {})
    assert [one.answers for one in kept(world, mail, "survey") if isinstance(one, SurveySheet)] == [
        ()
    ]


async def test_citizens_are_asked_one_by_one(world: CounterWorld, mail: MailStore) -> None:
    """Two cases of persons at the counter, two sheets; nobody there is asked how a batch went."""
    world.others = [load("bereavement")]
    counter = await world.opened(mail)
    await feed(world, counter, stack(1), 1)
    await hand_in(counter)
    handed = counter.opened().snapshot.batches[0]
    own = [
        replace(handed, batch_id=f"{n:032x}", procedure="bereavement", single=True) for n in (1, 2)
    ]
    await counter.opened().alter(lambda snapshot: replace(snapshot, batches=tuple(own)))
    talk = counter.on_talk()
    assert talk.surveys_due() == ["citizen/1", "citizen/2", "staff"]
    for whose in ("citizen/1", "citizen/1", "citizen/2", "citizen/3"):
        await talk.answer_survey(whose, {"Q08": ["5"]})
    sheets = [one for one in kept(world, mail, "survey") if isinstance(one, SurveySheet)]
    assert [one.respondent for one in sheets] == ["citizen", "citizen"]
    assert talk.surveys_due() == ["staff"]
    await counter.stop()


async def test_fail__an_answer_the_bank_does_not_know(
    world: CounterWorld, counter: Counter, mail: MailStore
) -> None:
    """Nothing is kept and the person may choose again."""
    await feed(world, counter, stack(1), 1)
    await hand_in(counter)
    step = counter.on_talk().answer_survey("provider", {"B05": ["9"]})
    assert await refused(step) == "refused.survey_answer"
    assert kept(world, mail, "survey") == []


async def test_the_measures_go_with_the_end_of_the_visit(
    world: CounterWorld, counter: Counter, mail: MailStore
) -> None:
    """Whole numbers by name: times by phase and link, presses, papers, applications, what was typed."""
    counting = counter.opened().counting
    counting.saw("open", "gone", world.clock.seconds)
    world.clock.move(30)
    counting.saw("checking", "good", world.clock.seconds)
    counting.pressed()
    await feed(world, counter, stack(1, 2, 3), 3)
    third = counter.opened().current().applications[2].app_id
    await counter.on_tray().answer(third, {"physician.name": "内丸　一郎"})
    await hand_in(counter)
    await counter.close(anyway=False)
    (told,) = kept(world, mail, "measures")
    assert isinstance(told, VisitMeasures)
    values = dict(told.values)
    wanted = {
        "presses": 1,
        "seconds.open": 30,
        "link.gone": 30,
        "link.good": 0,
        "applications.declared": 3,
        "applications.handed": 3,
        "applications.arrived": 0,
        "papers.fed": 9,
        "papers.retakes": 0,
        "fields.typed": 1,
        "fields.letters": 5,
        "questions": 0,
    }
    assert {name: values[name] for name in wanted} == wanted
    assert (told.procedures, told.run) == (("care-renewal",), "R8-08-25")


async def test_a_visit_in_which_nothing_was_declared_has_no_measures(
    counter: Counter, mail: MailStore
) -> None:
    """There is nothing to tell."""
    await counter.close(anyway=False)
    assert mail.outbox() == []


async def test_a_full_shelf_keeps_no_visit_open(
    world: CounterWorld, counter: Counter, mail: MailStore
) -> None:
    """The measures are left, the key is destroyed all the same."""
    await counter.on_tray().declare(1, "")
    world.free = 0
    await counter.close(anyway=False)
    assert (counter.standing, mail.outbox()) == ("closed", [])


async def test_a_lock_keeps_what_was_counted(
    world: CounterWorld, counter: Counter, mail: MailStore
) -> None:
    """The next image of the desk counts on."""
    counter.opened().counting.pressed()
    await counter.lock()
    again = await world.opened(mail)
    again.opened().counting.pressed()
    assert again.opened().counting.tally().presses == 2
    await again.stop()


def test_an_hour_nobody_looked_counts_for_little() -> None:
    """Time without a drawn screen counts up to a minute, a step back for nothing."""
    counting = Counting(NOTHING)
    for moment in (1000.0, 4600.0, 4000.0, 4001.5):
        counting.saw("checking", "poor", moment)
    assert counting.tally().phases == (("checking", round(1000 * (GAP_S + 1.5))),)
    assert counting.tally().links == (("poor", round(1000 * (GAP_S + 1.5))),)


async def test_equal_totals_have_no_gap(world: CounterWorld, counter: Counter) -> None:
    """Declared, fed, sealed; once city hall gave its word all four are the same."""
    await feed(world, counter, stack(1, 2), 2)
    await hand_in(counter)
    batches = counter.opened().snapshot.batches
    found = reconcile(batches, transfer_of(counter.partners, counter.opened().snapshot))
    assert (found.declared, found.fed, found.sealed, found.received) == (2, 2, 2, 0)
    assert [(gap.name, gap.count, gap.calm) for gap in found.gaps] == [("on_bus", 2, True)]
    assert found.open_gaps == ()
    there = dict.fromkeys((item.env_id for item in batches[0].applications), "complete")
    assert (reconcile(batches, there).equal, reconcile(batches, there).gaps) == (True, ())


async def test_every_gap_has_its_name(world: CounterWorld, counter: Counter) -> None:
    """More declared than found, two not handed in, one refused, a question without room."""
    await feed(world, counter, [*stack(1, 2), front(3), card(9)], 5)
    await hand_in(counter, protective=False)
    snapshot = counter.opened().snapshot
    first = snapshot.batches[0].applications[0]
    transfer = {first.env_id: "refused"}
    found = reconcile(snapshot.batches, transfer, unsealed_questions=1)
    assert {gap.name: gap.count for gap in found.open_gaps} == {
        "fewer": 1,
        "withheld": 2,
        "refused": 1,
        "questions": 1,
    }
    assert {gap.name: gap.count for gap in found.gaps if gap.calm} == {"on_bus": 1}


def test_differences_of_two_batches_never_cancel_out() -> None:
    """One application too many and one too few are no visit that only waits for city hall."""
    many = Line(1, completion=False, declared=1, fed=2, sealed=2, received=0, gaps=())
    few = Line(2, completion=False, declared=2, fed=1, sealed=1, received=0, gaps=())
    both = Reconciled((many, few), ())
    assert (both.declared, both.fed, both.sealed) == (3, 3, 3)
    assert not both.under_way
