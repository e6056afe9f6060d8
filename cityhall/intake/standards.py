"""The standards door: somebody else's client delivers an envelope over tus 1.0.0 or the IETF's resumable uploads."""

import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Final

from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError

from cityhall.intake import resumable, tus
from cityhall.intake.appending import Appending
from cityhall.intake.body import Body, Pace, wait_for_the_handler
from cityhall.intake.certified import certified_name
from cityhall.intake.claims import TooManyClaimsError
from cityhall.intake.dialect import Dialect
from cityhall.intake.problem import ProblemError, from_peer
from cityhall.intake.refusing import full, mismatching_offset, too_much
from cityhall.intake.upload import Item, Upload
from cityhall.intake.uploads import House, Uploads
from sync.errors import PeerError
from sync.frames import ITEM_MAX
from sync.refusals import Refused

log = logging.getLogger("madobus.intake")

_ENVELOPE: Final = re.compile(r"[0-9a-f]{32}")
_ITEM: Final = re.compile(r"[0-9]{1,3}")
_ACCEPT: Final = f"{resumable.MEDIA}, {tus.MEDIA}"

Work = Callable[[web.Request, Dialect, Uploads], Awaitable[web.StreamResponse]]


class Standards:
    """The door's addresses; who comes in is the box of the certificate, as at /bus."""

    def __init__(self, house: House, pace: Pace) -> None:
        self._house = house
        self._pace = pace
        self._tus = tus.Tus()
        self._resumable = resumable.Resumable(house.partners.time)

    def add_to(self, application: web.Application) -> None:
        """Put the addresses into the intake's application."""
        target, upload = "/uploads/{envelope}/{item}", "/uploads/{envelope}/{item}/{token}"
        for method, path, work in (
            ("POST", "/uploads", self._create),
            ("POST", target, self._create),
            ("DELETE", target, self._forget),
            ("PATCH", upload, self._append),
            ("HEAD", upload, self._tell),
            ("GET", upload, self._tell),
            ("DELETE", upload, self._cancel),
            ("POST", upload, self._in_disguise),
            ("GET", "/envelopes/{envelope}", self._view),
        ):
            application.router.add_route(
                method, path, self._guarded(work), expect_handler=wait_for_the_handler
            )
        for path in ("/uploads", target, upload):
            application.router.add_route("OPTIONS", path, self._options)

    def _guarded(self, work: Work) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """Let the certificate's box in, do the work, and put every refusal into the client's own words."""

        async def handle(request: web.Request) -> web.StreamResponse:
            dialect: Dialect = self._tus if "Tus-Resumable" in request.headers else self._resumable
            try:
                return await work(request, dialect, self._admitted(request))
            except ProblemError as problem:
                log.warning("upload.refused code=%d status=%d", problem.code, problem.status)
                return problem.response(dialect.refusing(problem))

        return handle

    def _admitted(self, request: web.Request) -> Uploads:
        name = certified_name(request)
        try:
            device = self._house.partners.register.admit(name, name)
        except PeerError as error:
            raise from_peer(error) from error
        return Uploads(self._house, device, lambda: _break_off(request))

    async def _create(
        self, request: web.Request, dialect: Dialect, uploads: Uploads
    ) -> web.StreamResponse:
        wish = dialect.creation(request)
        item = _item(request)
        async with _alone(uploads, item):
            upload = await uploads.create(item, wish.length)
            log.info("upload.opened id=%s item=%d", item.env_id.hex(), item.number)
            if request.body_exists or wish.ends:
                body = self._body(request)
                # The body begins at the item's first byte; what is durable of it is passed over.
                body.pass_over(upload.offset)
                upload = await Appending(uploads, upload).append(body, ends=wish.ends)
            return dialect.created(upload, await _known(uploads, upload))

    async def _append(
        self, request: web.Request, dialect: Dialect, uploads: Uploads
    ) -> web.StreamResponse:
        wish = dialect.append(request)
        item = _item(request)
        async with _alone(uploads, item):
            upload = await uploads.find(item, request.match_info["token"], length=wish.length)
            if wish.offset != upload.offset:
                raise mismatching_offset(str(item), upload.offset, wish.offset)
            upload = await Appending(uploads, upload).append(self._body(request), ends=wish.ends)
            return dialect.appended(upload, await _known(uploads, upload))

    async def _tell(
        self, request: web.Request, dialect: Dialect, uploads: Uploads
    ) -> web.StreamResponse:
        dialect.asked(request)
        item = _item(request)
        async with _alone(uploads, item):
            return dialect.told(await uploads.find(item, request.match_info["token"]))

    async def _cancel(
        self, request: web.Request, dialect: Dialect, uploads: Uploads
    ) -> web.StreamResponse:
        dialect.asked(request)
        item = _item(request)
        async with _alone(uploads, item):
            await uploads.cancel(item, request.match_info["token"])
            return dialect.cancelled()

    async def _forget(
        self, request: web.Request, dialect: Dialect, uploads: Uploads
    ) -> web.StreamResponse:
        dialect.asked(request)
        item = _item(request)
        async with _alone(uploads, item):
            await uploads.cancel(item, None)
            return dialect.cancelled()

    async def _in_disguise(
        self, request: web.Request, dialect: Dialect, uploads: Uploads
    ) -> web.StreamResponse:
        """Do what X-HTTP-Method-Override says, for clients that can only POST."""
        meant = request.headers.get("X-HTTP-Method-Override", "")
        works: dict[str, Work] = {"PATCH": self._append, "DELETE": self._cancel, "HEAD": self._tell}
        if meant not in works:
            raise web.HTTPMethodNotAllowed("POST", ["DELETE", "GET", "HEAD", "PATCH"])
        return await works[meant](request, dialect, uploads)

    async def _view(
        self, request: web.Request, _dialect: Dialect, uploads: Uploads
    ) -> web.StreamResponse:
        known = request.query.get("known", "0")
        size = int(known) if re.fullmatch("[0-9]{1,15}", known) else 0
        env_id = _envelope(request.match_info["envelope"])
        with _shelf_told(f"envelope {env_id.hex()}"):
            told = await uploads.view(env_id, size)
        return web.json_response(told, headers={"Cache-Control": "no-store"})

    async def _options(self, _request: web.Request) -> web.Response:
        told = {**tus.options(), **resumable.options(), "Accept-Patch": _ACCEPT}
        return web.Response(status=204, headers=told)

    def _body(self, request: web.Request) -> Body:
        return Body(request, self._pace)


def _break_off(request: web.Request) -> None:
    """End the body of a request whose item a newer one wants, and close its connection if it is not closing already."""
    request.content.set_exception(ConnectionResetError("a newer request took over"))
    transport = request.transport
    if transport is not None and not transport.is_closing():
        transport.abort()


@asynccontextmanager
async def _alone(uploads: Uploads, item: Item) -> AsyncIterator[None]:
    """Have an item alone; what the shelf's database does not take is told like a full disk."""
    with _shelf_told(str(item)):
        try:
            async with uploads.alone(item):
                yield
        except TooManyClaimsError as error:
            raise too_much(str(item), str(error)) from error


@contextmanager
def _shelf_told(place: str) -> Iterator[None]:
    """Turn what the shelf does not take into the words of a full disk."""
    try:
        yield
    except (OSError, SQLAlchemyError) as error:
        log.error("upload.shelf_failed cause=%s", type(error).__name__)  # noqa: TRY400 - the text may hold rows
        raise full(place, "the shelf could not be reached or took nothing") from error


async def _known(uploads: Uploads, upload: Upload) -> dict[str, Any] | None:
    """Return what is known of an envelope once an item of it is complete."""
    return await uploads.view(upload.item.env_id) if upload.complete else None


def _item(request: web.Request) -> Item:
    """Return the item a request is about: by its address, or by tus's metadata."""
    if "Content-Encoding" in request.headers:
        raise _malformed("Content-Encoding", "a body is sent as it was sealed", status=415)
    told = request.match_info if "item" in request.match_info else tus.metadata(request)
    env_id, number = _envelope(told.get("envelope", "")), told.get("item", "")
    if not _ITEM.fullmatch(number) or int(number) > ITEM_MAX:
        raise _malformed("item", f"an item is a number from 0 to {ITEM_MAX}")
    return Item(env_id, int(number))


def _envelope(written: str) -> bytes:
    if not _ENVELOPE.fullmatch(written):
        raise _malformed(
            "envelope", "an envelope is named by its id, 32 lower-case hexadecimal digits"
        )
    return bytes.fromhex(written)


def _malformed(place: str, rule: str, *, status: int = 0) -> ProblemError:
    return ProblemError(
        Refused.NOT_UNDERSTOOD,
        place,
        rule,
        "the request says something else, or nothing",
        "read docs/protocol.md, section The standards door",
        status=status,
    )
