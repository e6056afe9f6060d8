"""Questions from the buses: taken in, read after their audit line, answered by a letter, erased with their case."""

from dataclasses import replace
from datetime import timedelta

import pytest

from cityhall.mail.downwards import TrayFullError
from cityhall.office.accounts import Person
from cityhall.office.enquiries import LONGEST_ANSWER, AnswerTextError
from cityhall.office.erasing import Erasing
from cityhall.office.erasure import Reason
from cityhall.office.question_rows import (
    ANSWERS_MAX,
    OF_A_CASE,
    AnswerRow,
    QuestionNotFoundError,
    TooManyAnswersError,
)
from cityhall.office.roles import Role
from cityhall.office.shredding import KEPT
from cityhall.office.vault import VaultError
from sync.letters import Answer, decode_letter
from sync.notes import encode_note
from sync.seal import open_record
from tests.support.bus_notes import file_note, measures, question, sealed_note, send, sheet
from tests.support.garbage import turned
from tests.support.makers import (
    DEVICE,
    EPOCH,
    OFFICE,
    READING,
    make_id,
    make_opening_key,
    make_signer,
)
from tests.support.office_client import HTML, post, text
from tests.support.office_world import CASEWORKER, OfficeWorld

ID = make_id(50).hex()
SATO = Erasing(Person("sato", Role.CASEWORKER))
CHIEF = Erasing(Person("kudo", Role.CHIEF))


def actions(world: OfficeWorld) -> list[str]:
    """Return the audit's actions, oldest first."""
    return [line.action for line in reversed(world.audit.lines())]


def letters(world: OfficeWorld) -> list[Answer]:
    """Open the answers in the bus's tray as its desk does."""
    found = []
    for letter_id in world.mail.letters_for(DEVICE):
        letter = world.mail.letter(DEVICE, letter_id)
        assert letter is not None
        plain = open_record(letter.body, make_opening_key(READING), make_signer(OFFICE).public)
        content = decode_letter(plain)
        assert isinstance(content, Answer)
        found.append(content)
    return found


def test_a_question_waits_and_its_words_stay_sealed(world: OfficeWorld) -> None:
    """The row says who asked and when; the words stand nowhere in the office's file."""
    send(world, question())
    ((row, case),) = world.enquiries.listed()
    assert (row.provider_name, row.stop, row.device, case) == (
        "きたの丘ケアプランセンター",
        "kita-2",
        DEVICE,
        None,
    )
    assert world.enquiries.waiting() == 1
    world.database.empty_log()
    assert "代筆".encode() not in world.database.path.read_bytes()


def test_reading_leaves_its_line_before_the_words_are_shown(world: OfficeWorld) -> None:
    """Taken in once by the machine, opened by a person."""
    send(world, question())
    world.arrivals.take_all()
    assert world.enquiries.read(ID, CASEWORKER).text == "同意欄は代筆でもよいですか。"
    assert actions(world) == ["question.received", "question.opened"]


def test_a_question_is_shown_with_its_case_whichever_comes_first(world: OfficeWorld) -> None:
    """Before the application is here the list says so; then it names its number."""
    send(world, question(case_id=make_id(0)))
    ((_, case),) = world.enquiries.listed()
    assert case is None
    world.case()
    ((_, found),) = world.enquiries.listed()
    assert found is not None
    assert [one.text for one in world.enquiries.of_case(make_id(0).hex(), CASEWORKER)] == [
        "同意欄は代筆でもよいですか。"
    ]


def test_an_answer_goes_down_sealed_to_the_bus_that_asked(world: OfficeWorld) -> None:
    """It bears the question's id and words, the provider and the case's number."""
    case = world.case()
    send(world, question(case_id=make_id(0)))
    world.enquiries.answer(ID, CASEWORKER, " 差し支えありません。\n")
    (told,) = letters(world)
    number = world.casework.entry(case).case.filing_no
    assert (told.answer_id, told.receipt_no, told.provider_no) == (
        make_id(50),
        number,
        "1370000001",
    )
    assert (told.question, told.text) == ("同意欄は代筆でもよいですか。", "差し支えありません。")
    assert world.enquiries.waiting() == 0
    thread = world.enquiries.read(ID, CASEWORKER)
    assert [(one.text, one.posted, one.body) for one in thread.answers] == [
        ("差し支えありません。", True, b"")
    ]
    assert "question.answered" in actions(world)


def test_an_answer_may_be_corrected(world: OfficeWorld) -> None:
    """Both stand at the office, both go down; the desk takes the later one."""
    send(world, question())
    world.enquiries.answer(ID, CASEWORKER, "はい。")
    world.clock.move(timedelta(minutes=5))
    world.enquiries.answer(ID, CASEWORKER, "いいえ。")
    assert sorted(one.text for one in letters(world)) == ["いいえ。", "はい。"]
    assert [one.text for one in world.enquiries.read(ID, CASEWORKER).answers] == [
        "はい。",
        "いいえ。",
    ]


@pytest.mark.parametrize("said", ["", "  \n", "字" * (LONGEST_ANSWER + 1)])
def test_fail__an_answer_without_words_is_not_sent(world: OfficeWorld, said: str) -> None:
    """Nothing is opened for it either."""
    send(world, question())
    with pytest.raises(AnswerTextError):
        world.enquiries.answer(ID, CASEWORKER, said)
    assert letters(world) == []


def test_fail__too_many_answers(world: OfficeWorld) -> None:
    """At the limit one more is refused."""
    send(world, question())
    for n in range(ANSWERS_MAX):
        world.questions.answer(an_answer(n))
    with pytest.raises(TooManyAnswersError):
        world.questions.answer(an_answer(ANSWERS_MAX))


def test_a_case_shows_the_newest_of_very_many_questions(world: OfficeWorld) -> None:
    """A bus that asks without end makes no case's page slow: each question shown is opened."""
    for n in range(OF_A_CASE + 3):
        asked = replace(question(), question_id=make_id(100 + n), case_id=make_id(0))
        world.questions.take(asked, DEVICE, EPOCH + timedelta(seconds=n))
    found = world.questions.of_case(make_id(0).hex())
    assert len(found) == OF_A_CASE
    assert make_id(102).hex() not in {row.question_id for row in found}
    assert make_id(100 + OF_A_CASE + 2).hex() in {row.question_id for row in found}


def an_answer(n: int) -> AnswerRow:
    """Return the row of answer number n."""
    return AnswerRow(
        letter_id=make_id(n).hex(),
        question_id=ID,
        case_id="",
        device=DEVICE,
        at=EPOCH,
        actor="sato",
        text="はい。",
        body=b"sealed",
    )


def test_fail__a_question_nobody_asked(world: OfficeWorld) -> None:
    """The list is the place to look."""
    with pytest.raises(QuestionNotFoundError):
        world.enquiries.read(ID, CASEWORKER)


def test_an_answer_waits_while_the_tray_is_full(world: OfficeWorld) -> None:
    """It is kept, and posted when there is room."""
    send(world, question())
    real = world.mail.post_letter

    def full(*_: object) -> object:
        raise TrayFullError("full")

    world.mail.post_letter = full  # type: ignore[method-assign, assignment]
    world.enquiries.answer(ID, CASEWORKER, "はい。")
    assert letters(world) == []
    world.mail.post_letter = real  # type: ignore[method-assign]
    assert (world.enquiries.post_waiting(), world.enquiries.post_waiting()) == (1, 0)
    assert [one.text for one in letters(world)] == ["はい。"]


def test_a_note_that_does_not_open_is_shown_and_tried_again(world: OfficeWorld) -> None:
    """Without the month's key it is a trouble; a start with the key takes it in."""
    (world.division / "2026-11.key").unlink()
    send(world, question(), sheet())
    assert len(world.inbox.troubles()) == 2
    world.add_epoch("2026-11", make_opening_key())
    world.arrivals.retry()
    assert (world.inbox.troubles(), world.enquiries.waiting()) == ([], 1)


@pytest.mark.parametrize(
    "outside", [{"kind": "survey"}, {"record": encode_note(question(51))}], ids=["kind", "id"]
)
def test_a_note_under_another_outside_is_not_believed(
    world: OfficeWorld, outside: dict[str, object]
) -> None:
    """What the envelope says and what is in it must be the same."""
    file_note(world, sealed_note(question(), **outside))
    world.arrivals.take_all()
    assert (len(world.inbox.troubles()), world.enquiries.waiting()) == (1, 0)


def test_erasing_a_case_erases_the_questions_about_it(world: OfficeWorld) -> None:
    """Words, answers and sealed bytes go with the application; another's question stays."""
    case = world.case()
    send(world, question(case_id=make_id(0)), question(51))
    world.enquiries.answer(ID, CASEWORKER, "はい。")
    world.eraser.propose(case, Reason.RETENTION, SATO)
    world.eraser.confirm(case, CHIEF)
    assert [row.question_id for row, _ in world.enquiries.listed()] == [make_id(51).hex()]
    with pytest.raises(KeyError):
        world.mail.slip(make_id(50))
    world.database.empty_log()
    assert "はい。".encode() not in world.database.path.read_bytes()


def test_a_question_that_comes_after_its_cases_erasure_is_erased_too(world: OfficeWorld) -> None:
    """It is no trouble to anybody and nothing of it stays."""
    case = world.case()
    world.eraser.propose(case, Reason.RETENTION, SATO)
    world.eraser.confirm(case, CHIEF)
    send(world, question(case_id=make_id(0)))
    assert (world.inbox.troubles(), world.enquiries.listed()) == ([], [])
    with pytest.raises(KeyError):
        world.mail.slip(make_id(50))


def test_fail__a_changed_question_shows_nothing(world: OfficeWorld) -> None:
    """When the seal does not hold any more, no word is shown."""
    send(world, question())
    slip = world.mail.slip(make_id(50))
    world.mail.slip = lambda _env_id: turned(slip)  # type: ignore[method-assign, assignment]
    with pytest.raises(VaultError):
        world.enquiries.read(ID, CASEWORKER)


def test_a_question_that_does_not_open_keeps_no_case_shut(world: OfficeWorld) -> None:
    """The case is read, the question says that it is away."""
    case = world.case()
    send(world, question(case_id=make_id(0)))
    slip = world.mail.slip(make_id(50))
    world.mail.slip = lambda _env_id: turned(slip)  # type: ignore[method-assign, assignment]
    assert [one.text for one in world.enquiries.of_case(case, CASEWORKER)] == [None]


def test_a_month_is_not_shredded_before_its_questions_are_taken_in() -> None:
    """Questions are opened again and again, sheets are not."""
    assert {"application", "question"} == KEPT


def test_the_evaluations_store_counts_and_shows_nobody(world: OfficeWorld) -> None:
    """Everything comes twice and counts once; a sheet that was passed over counts apart."""
    notes = (measures(), sheet(), sheet(61, respondent="staff", answers=()))
    send(world, *notes)
    for note in notes:
        world.evaluation.take(note, world.clock.wall())
    found = world.evaluation.counts()
    assert found.visits == 1
    assert [(one.respondent, one.answered, one.passed_over) for one in found.sheets] == [
        ("provider", 1, 0),
        ("staff", 0, 1),
    ]
    assert actions(world) == ["measures.received", "survey.received", "survey.received"]


async def test_a_question_is_answered_on_the_screens(world: OfficeWorld) -> None:
    """Inbox, list, the question, the answer, the case: each names the next."""
    case = world.case()
    send(world, question(case_id=make_id(0)))
    async with world.browser() as client:
        assert "車からの質問が 1 件、回答を待っています" in await text(client, "/inbox")
        page = await text(client, "/questions")
        assert f"/questions/{ID}" in page
        assert "代筆" not in page
        assert "同意欄は代筆でもよいですか。" in await text(client, f"/questions/{ID}")
        assert "同意欄は代筆でもよいですか。" in await text(client, f"/cases/{case}")
        path = f"/questions/{ID}/answer"
        assert await post(client, path, text="はい。") == (303, f"/questions/{ID}?done=answered")
        assert "回答を封をして車へ送ります" in await text(client, f"/questions/{ID}?done=answered")
        assert "はい。" in await text(client, f"/cases/{case}")
        assert "回答を待っています" not in await text(client, "/inbox")
    assert world.board.number == 1


@pytest.mark.parametrize(("said", "status"), [("", 422), ("字" * 1001, 422)])
async def test_an_answer_without_words_is_told_so(
    world: OfficeWorld, said: str, status: int
) -> None:
    """On the same page, with what was written."""
    send(world, question())
    async with world.browser() as client:
        assert (await post(client, f"/questions/{ID}/answer", text=said))[0] == status


async def test_an_answer_to_a_bus_that_is_gone_is_told_so(world: OfficeWorld) -> None:
    """Its key is in no bundle any more: a person calls the provider."""
    send(world, question())
    with world.database.writing() as session:
        row = world.questions.find(ID)
        row.device = "bus-99"
        session.merge(row)
    async with world.browser() as client:
        answer = await client.get(f"/questions/{ID}", headers=HTML)
        assert answer.status == 409


async def test_a_question_nobody_knows_is_404(world: OfficeWorld) -> None:
    """Also for an answer to it."""
    async with world.browser() as client:
        assert (await client.get(f"/questions/{ID}")).status == 404
        assert (await post(client, f"/questions/{ID}/answer", text="はい。"))[0] == 404


async def test_the_evaluation_is_shown_as_counts(world: OfficeWorld) -> None:
    """An auditor may look: there is no answer on the page."""
    send(world, measures(), sheet(), sheet(61, respondent="visitor"))
    async with world.browser(Role.AUDITOR) as client:
        page = await text(client, "/evaluation")
    assert "計測された訪問" in page
    assert "visitor" in page
    assert "B05" not in page
