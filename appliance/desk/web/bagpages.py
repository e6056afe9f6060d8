"""The bags' pages: where each original is, its bag's number, and the hand-over list for city hall."""

import asyncio
from collections import Counter
from functools import partial

from aiohttp import web

from appliance.desk.baglist import BagLine, print_bags
from appliance.desk.bagtray import BagTray
from appliance.desk.custody import Original, counts
from appliance.desk.display import initials, label_of, masked_number
from appliance.desk.partners import Refused
from appliance.desk.receipts import minute_text, receipt_no
from appliance.desk.web.pressing import button, page
from appliance.desk.web.room import ROOM, Room
from hardware.errors import DeviceError
from screens.language import language_of
from sync.custody import BAG

HERE = "/bags"
LIST = "/bags/list.pdf"


def bag_values(room: Room) -> dict[str, object]:
    """Return the originals of this visit, their counts, and what keeps the list from being settled."""
    found = BagTray(room.counter.partners, room.counter.opened()).originals()
    differences = Counter(one.difference for one in found if one.difference)
    return {
        "originals": found,
        "counts": counts(found),
        "differences": sorted(differences.items()),
    }


async def show_bags(
    room: Room, request: web.Request, errors: list[str], status: int
) -> web.Response:
    """Show every original of this visit, the newest stack first, with the presses that it takes now."""
    lang = language_of(request)

    def label(one: Original) -> str:
        form = None if one.batch is None else room.counter.partners.form_of(one.batch)
        return one.paper if form is None else label_of(form, one.paper, lang)

    values = {
        "errors": errors,
        "label": label,
        "when": lambda at: minute_text(at, lang),
        "has_printer": room.counter.partners.printer is not None,
        **bag_values(room),
    }
    return await room.draw(request, "bags.html", values, status=status)


async def _note(room: Room, request: web.Request) -> str:
    form = await request.post()
    tray = BagTray(room.counter.partners, room.counter.opened())
    await tray.note(
        str(form.get("application", "")),
        str(form.get("paper", "")),
        state=str(form.get("state", "")),
        bag=str(form.get("bag", "")),
    )
    return HERE


async def _print(room: Room, _request: web.Request) -> str:
    """Print the list; without a printer go on to the document."""
    printer = room.counter.partners.printer
    if printer is None:
        return LIST
    try:
        await printer.print(await _document(room))
    except DeviceError as error:
        raise Refused("refused.print_silent") from error
    return HERE


async def show_list(request: web.Request) -> web.Response:
    """Give the hand-over list as a PDF."""
    room = request.app[ROOM]
    room.here(request)
    return web.Response(
        body=await _document(room),
        content_type="application/pdf",
        headers={"Content-Disposition": 'inline; filename="bags.pdf"'},
    )


async def _document(room: Room) -> bytes:
    visit, partners = room.counter.opened(), room.counter.partners
    found = BagTray(partners, visit).originals()
    facts = (
        ("運行・訪問先", f"{visit.pack.run}　{visit.pack.stop}" if visit.pack else ""),
        ("事業所", visit.snapshot.provider_name),
        ("端末", partners.device),
        ("渡す人", f"{visit.staff.name}（{visit.staff.staff_id}）"),
        ("作成", minute_text(partners.clock.now().wall.isoformat(), "ja")),
    )
    lines = tuple(_line(room, one) for one in found if one.state)
    return await asyncio.to_thread(partial(print_bags, facts, lines, counts(found)))


def _line(room: Room, one: Original) -> BagLine:
    step = one.steps[-1]
    at = minute_text(step.at, "ja")
    if one.item is None or one.batch is None:
        return BagLine(step.bag, one.state, one.paper, "—", "", at, step.staff)
    form, handed = room.counter.partners.form_of(one.batch), one.item.handed
    number = receipt_no(room.counter.partners.device, handed.journal_seq) if handed else "—"
    subject = form.subject
    person = " ".join(
        word
        for word in (
            initials(one.item.value(subject.kana)),
            masked_number(one.item.value(subject.number)),
        )
        if word
    )
    return BagLine(
        step.bag if one.state == BAG else "",
        one.state,
        label_of(form, one.paper, "ja"),
        number,
        person,
        at,
        step.staff,
    )


def bag_routes() -> list[web.RouteDef]:
    """Return the routes of the bags."""
    return [
        web.get(HERE, page(show_bags)),
        web.post(HERE, button(_note, show_bags)),
        web.post("/bags/print", button(_print, show_bags)),
        web.get(LIST, show_list),
    ]
