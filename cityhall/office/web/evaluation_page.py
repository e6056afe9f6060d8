"""The evaluation's store as counts: how many visits were measured, how many sheets came. No answer is shown."""

from aiohttp import web

from cityhall.office.web.office import SIGNED_IN, aside, office_of


async def page(request: web.Request) -> web.Response:
    """Draw the counts."""
    office = office_of(request)
    counts = await aside(office.evaluation.counts)
    values = {"signed_in": request[SIGNED_IN], "counts": counts}
    return office.pages.answer(request, "evaluation.html", values)
