"""The questions of one topic on one page: only what concerns this case, saved at each press."""

from collections.abc import Mapping
from contextlib import suppress

from aiohttp import web

from appliance.desk.drafts import DraftsFull
from appliance.desk.partners import Refused
from appliance.desk.questions import plain, topic, topics, unanswered, without_row
from appliance.desk.web.formpages import case_here, next_path, subject_of
from appliance.desk.web.pressing import button, page
from appliance.desk.web.room import Room
from procedures.layout import MOST_ROWS
from screens.language import language_of

BUTTONS = frozenset({"csrf", "go", "remove"})


async def show_topic(
    room: Room, request: web.Request, errors: list[str], status: int
) -> web.Response:
    """Show one topic; `?rows=N` opens rows of its group, `?look=1` says what is missing or wrong."""
    _, item, form = case_here(room)
    name = request.match_info["topic"]
    if name not in form.sections:
        raise Refused("refused.form_topic")
    lang = language_of(request)
    found = topic(form, item, name, lang, rows=_rows(request))
    shown = topics(form, item, lang)
    keys = [one.key for one in shown]
    look = request.query.get("look") == "1"
    agreement = form.agreement
    values = {
        "errors": errors,
        "title": form.title.say(lang),
        "subject": subject_of(form, item),
        "topic": found if look else plain(found),
        "look": look,
        "wrong": [q for q in found.questions if q.flaws] if look else [],
        "place": keys.index(name) + 1 if name in keys else 0,
        "all": len(keys),
        "before": keys[keys.index(name) - 1] if name in keys[1:] else "",
        "unsent": room.counter.opened().unsent.of(item.app_id),
        "item": item,
        "agreed": found.result and agreement is not None and _agreed(item.values(), agreement.by),
        "agreement": found.result and agreement is not None,
    }
    return await room.draw(request, "form-topic.html", values, status=status)


def _agreed(values: Mapping[str, str], by: tuple[str, ...]) -> bool:
    return all(values.get(key) == "yes" for key in by)


def _rows(request: web.Request) -> int:
    asked = request.query.get("rows", "")
    written = asked.isascii() and asked.isdecimal() and len(asked) < 4  # noqa: PLR2004 - no group has so many
    return min(int(asked), MOST_ROWS) if written else 0


async def _answer(room: Room, request: web.Request) -> str:
    _, item, form = case_here(room)
    name = request.match_info["topic"]
    if name not in form.sections:
        raise Refused("refused.form_topic")
    posted = await request.post()
    sent = {str(key): str(value) for key, value in posted.items() if key not in BUTTONS}
    own = {
        key: value
        for key, value in sent.items()
        if (field := form.field_or_none(key)) is not None and field.section == name
    }
    before = unanswered(form, item, name)
    forms = room.counter.on_forms()
    await forms.answer(own)
    await _forget_unsent(room, item.app_id, set(own))
    group, _, row = str(posted.get("remove", "")).partition(":")
    if group and row.isascii() and row.isdecimal():
        typed = dict(case_here(room)[1].typed)
        await forms.answer(without_row(form, typed, group, int(row)))
        return f"/form/topics/{name}"
    go = str(posted.get("go", "next"))
    if go.startswith("row"):
        return f"/form/topics/{name}?rows={go.removeprefix('row')}"
    given = {key for key, value in own.items() if value.strip()}
    return _onward(room, request, before, given, go)


def _onward(
    room: Room, request: web.Request, before: frozenset[str], given: set[str], go: str
) -> str:
    """Stay where an answer is wrong or brought a new question, else go to the next topic or the overview."""
    _, item, form = case_here(room)
    name = request.match_info["topic"]
    if any(question.wrong for question in topic(form, item, name, "ja").questions):
        return f"/form/topics/{name}?look=1"
    now = unanswered(form, item, name)
    if now - before or now & given:
        return f"/form/topics/{name}"
    return "/form" if go == "form" else next_path(room, request, name)


async def _forget_unsent(room: Room, app_id: str, keys: set[str]) -> None:
    # What was sent is kept as an answer; a full disk leaves a copy that the next page shows as sent.
    unsent = room.counter.opened().unsent
    left = {key: text for key, text in unsent.of(app_id).items() if key not in keys}
    with suppress(DraftsFull):
        await unsent.keep(app_id, left)


def topic_routes() -> list[web.RouteDef]:
    """Return the routes of topics."""
    return [
        web.get("/form/topics/{topic}", page(show_topic)),
        web.post("/form/topics/{topic}", button(_answer, show_topic)),
    ]
