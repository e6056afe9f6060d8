"""Receipts: on the screen at once, from the printer, and as a PDF where there is none."""

import asyncio
from functools import partial

from aiohttp import web
from markupsafe import Markup

from appliance.desk.batch import Batch
from appliance.desk.codes import qr_svg
from appliance.desk.partners import Refused
from appliance.desk.printing import BOTH, print_slips
from appliance.desk.printqueue import marked
from appliance.desk.readiness import printer_point
from appliance.desk.receipts import BatchSlip, Issuer, batch_slip
from appliance.desk.standing import look
from appliance.desk.web.pressing import button, page, poll
from appliance.desk.web.room import ROOM, Room
from screens.language import Language, language_of

PRINTS_SHOWN = 6
"""The newest presses on the page; the others are kept, not shown."""
NUMBER_DIGITS = 4


async def slip_of(room: Room, batch: Batch, lang: Language) -> BatchSlip:
    """Return the receipt of one batch of this visit."""
    partners, place = room.counter.partners, room.place
    issuer = Issuer(
        place.city,
        place.division,
        place.contact,
        partners.device,
        place.receipt_host,
        partners.policy.version,
    )
    standing = await look(partners.mail, batch)
    return batch_slip(
        room.counter.opened(), batch, standing, partners.form_of(batch), issuer, lang=lang
    )


def _batch(room: Room, wanted: str) -> Batch:
    """Return the batch of this id, or the newest with a receipt."""
    batches = room.counter.opened().snapshot.batches
    handed = [batch for batch in batches if any(item.handed for item in batch.applications)]
    for batch in handed:
        if batch.batch_id == wanted:
            return batch
    if not handed:
        raise Refused("refused.no_receipt")
    return handed[-1]


async def show_receipts(
    room: Room, request: web.Request, errors: list[str], status: int
) -> web.Response:
    """Show the confirmation, the batch's slip and every person's code."""
    batch = _batch(room, await _wanted(request))
    slip = await slip_of(room, batch, language_of(request))
    batches = room.counter.opened().snapshot.batches
    codes = {
        person.number: Markup(  # noqa: S704 - drawn by our own program out of base64 text
            qr_svg(person.address, label=room.say(request, "receipts.qr", number=person.number))
        )
        for person in slip.people
    }
    values = {
        "errors": errors,
        "slip": slip,
        "codes": codes,
        "batch": batch,
        "summary": slip.summary,
        "has_printer": room.counter.partners.printer is not None,
        "printer": None,  # what it says comes with the part that redraws itself
        "prints_shown": PRINTS_SHOWN,
        "current": batch is room.counter.opened().batch,
        "others": [
            (index, other)
            for index, other in enumerate(batches, 1)
            if other.batch_id != batch.batch_id and any(i.handed for i in other.applications)
        ],
    }
    return await room.draw(request, "receipts.html", values, status=status)


async def show_receipt_state(
    room: Room, request: web.Request, _errors: list[str], _status: int
) -> web.Response:
    """Give the line alone that says whether city hall has the batch."""
    batch = _batch(room, request.query.get("batch", ""))
    slip = await slip_of(room, batch, language_of(request))
    return await room.draw(request, "receipt-state.html", {"slip": slip})


async def show_prints(
    room: Room, request: web.Request, _errors: list[str], _status: int
) -> web.Response:
    """Give the part alone that says what the printer does."""
    batch = _batch(room, request.query.get("batch", ""))
    told = await printer_point(room.counter.partners)
    values = {"batch": batch, "printer": told[0] if told else None, "prints_shown": PRINTS_SHOWN}
    return await room.draw(request, "print-state.html", values)


async def _wanted(request: web.Request) -> str:
    """Return the batch's id out of the address, or out of the form of a press that was refused."""
    return str((await request.post()).get("batch", "")) or request.query.get("batch", "")


async def _print(room: Room, request: web.Request) -> str:
    """Print all receipts of a batch, or one person's; without a printer go on to the document."""
    form = await request.post()
    batch, queue = _batch(room, str(form.get("batch", ""))), room.counter.on_prints()
    slip = await slip_of(room, batch, "ja")
    wanted = str(form.get("receipt", ""))
    receipts = [one.number for one in slip.people if wanted in ("", one.number)]
    if not receipts:
        raise Refused("refused.no_receipt")
    if room.counter.partners.printer is None:
        number = await queue.on_screen(batch.batch_id, receipts, whole=not wanted)
        return f"/receipts/batch.pdf?batch={batch.batch_id}&print={number}"
    make = partial(slip_of, room, batch, "ja")
    await queue.order(batch.batch_id, receipts, make, whole=not wanted)
    return f"/receipts?batch={batch.batch_id}"


async def _cancel(room: Room, request: web.Request) -> str:
    form = await request.post()
    batch, number = _batch(room, str(form.get("batch", ""))), str(form.get("number", ""))
    if number.isascii() and number.isdecimal():
        await room.counter.on_prints().cancel(batch.batch_id, int(number[:NUMBER_DIGITS]))
    return f"/receipts?batch={batch.batch_id}"


async def batch_pdf(request: web.Request) -> web.Response:
    """Give slips as one PDF: those of a press (`print`), else all; what was printed before is marked 再発行."""
    room = request.app[ROOM]
    room.here(request)
    try:
        batch = _batch(room, request.query.get("batch", ""))
    except Refused as refused:
        raise web.HTTPNotFound from refused
    slip = await slip_of(room, batch, "ja")
    pressed = request.query.get("print", "")
    one = next((p for p in batch.prints if str(p.number) == pressed), None)
    slip = marked(slip, batch.prints, one.number if one else len(batch.prints) + 1)
    only = None if one is None or one.whole else frozenset(one.receipts)
    paper = room.counter.partners.receipt_paper
    data = await asyncio.to_thread(
        partial(print_slips, slip, paper=paper, sides=BOTH if one else BOTH[:1], only=only)
    )
    return web.Response(
        body=data,
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="receipt-{slip.batch_no}.pdf"'},
    )


def receipt_routes() -> list[web.RouteDef]:
    """Return the routes of receipts."""
    return [
        web.get("/receipts", page(show_receipts)),
        web.get("/receipts/state", poll(show_receipt_state)),
        web.get("/receipts/batch.pdf", batch_pdf),
        web.get("/receipts/prints", poll(show_prints)),
        web.post("/receipts/print", button(_print, show_receipts)),
        web.post("/receipts/prints/cancel", button(_cancel, show_receipts)),
    ]
