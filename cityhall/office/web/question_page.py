"""Questions from the buses: the list, one question with its words, and the division's answer."""

from aiohttp import web

from cityhall.office.enquiries import LONGEST_ANSWER, AnswerTextError
from cityhall.office.question_rows import TooManyAnswersError
from cityhall.office.web.office import SIGNED_IN, aside, office_of, who
from sync.errors import SyncError


async def page(request: web.Request) -> web.Response:
    """Draw the list; no words of a question stand there, so nothing is opened."""
    office = office_of(request)
    rows = await aside(office.enquiries.listed)
    values = {
        "signed_in": request[SIGNED_IN],
        "rows": rows,
        "waiting": sum(row.answered_at is None for row, _ in rows),
    }
    return office.pages.answer(request, "questions.html", values)


async def one(request: web.Request) -> web.Response:
    """Open one question for the caseworker who asks."""
    return await _draw(request, problem="", status=200)


async def answer(request: web.Request) -> web.StreamResponse:
    """Seal the answer for the bus that asked."""
    office, me = office_of(request), who(request)
    question_id = request.match_info["question"]
    text = str((await request.post()).get("text", "")).replace("\r\n", "\n")
    try:
        await aside(lambda: office.enquiries.answer(question_id, me, text))
    except AnswerTextError:
        return await _draw(request, problem="problem-answer", status=422, text=text)
    except TooManyAnswersError:
        return await _draw(request, problem="problem-answers", status=409, text=text)
    except SyncError:
        return await _draw(request, problem="problem-answer-bus", status=409, text=text)
    office.board.changed()
    raise web.HTTPSeeOther(location=f"/questions/{question_id}?done=answered")


async def _draw(request: web.Request, *, problem: str, status: int, text: str = "") -> web.Response:
    office, me = office_of(request), who(request)
    question_id = request.match_info["question"]
    thread = await aside(lambda: office.enquiries.read(question_id, me))
    values = {
        "signed_in": request[SIGNED_IN],
        "thread": thread,
        "text": text,
        "longest": LONGEST_ANSWER,
        "problem": problem,
        "done": not problem and request.query.get("done") == "answered",
    }
    return office.pages.answer(request, "question.html", values, status=status)
