"""Receipts: on the screen at once, and as a PDF for the printer."""

import asyncio

from aiohttp import web
from markupsafe import Markup

from appliance.desk.batch import Batch
from appliance.desk.codes import qr_svg
from appliance.desk.partners import Refused
from appliance.desk.printing import print_slips
from appliance.desk.receipts import BatchSlip, Issuer, batch_slip
from appliance.desk.standing import look
from appliance.desk.web.pressing import page, poll
from appliance.desk.web.room import ROOM, Room
from screens.language import Language, language_of


async def slip_of(room: Room, batch: Batch, lang: Language) -> BatchSlip:
    """Return the receipt of one batch of this visit."""
    partners, place = room.counter.partners, room.place
    issuer = Issuer(place.city, place.division, place.contact, partners.device, place.receipt_host)
    standing = await look(partners.mail, batch)
    return batch_slip(
        room.counter.opened(), batch, standing, partners.form_of(batch), issuer, lang=lang
    )


def _batch(room: Room, request: web.Request) -> Batch:
    """Return the batch asked for by `?batch=`, or the newest with a receipt."""
    batches = room.counter.opened().snapshot.batches
    handed = [batch for batch in batches if any(item.handed for item in batch.applications)]
    wanted = request.query.get("batch", "")
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
    batch = _batch(room, request)
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
    slip = await slip_of(room, _batch(room, request), language_of(request))
    return await room.draw(request, "receipt-state.html", {"slip": slip})


async def batch_pdf(request: web.Request) -> web.Response:
    """Give all slips as one PDF; a second asking is marked as printed again."""
    room = request.app[ROOM]
    room.here(request)
    try:
        batch = _batch(room, request)
    except Refused as refused:
        raise web.HTTPNotFound from refused
    slip = await slip_of(room, batch, "ja")
    copy = request.query.get("copy") == "1"
    data = await asyncio.to_thread(print_slips, slip, copy=copy)
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
    ]
