"""A browser without scripts inside an open visit: pages as text, buttons with their token."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from appliance.desk.counter import Counter
from appliance.desk.web.app import make_app, make_room
from appliance.desk.web.room import Room
from tests.support.desk_browser import PLACE

IDLE_S = 900


class DeskClient:
    """The signed-in browser of one counter."""

    def __init__(self, client: TestClient[Any, Any], room: Room) -> None:
        self._client = client
        self._room = room

    async def page(self, path: str) -> str:
        """Return a page that must be there."""
        async with self._client.get(path) as answer:
            assert answer.status == 200, path
            return await answer.text()

    async def press(self, path: str, **form: str) -> tuple[int, str]:
        """Press a button; return the status and where it leads, or the page."""
        state = await (await self._client.get("/state.json")).json()
        sent = {"csrf": state["csrf"], **form}
        async with self._client.post(path, data=sent, allow_redirects=False) as answer:
            return answer.status, answer.headers.get("Location") or await answer.text()

    def picture(self, sheet: int) -> Any:
        """Ask for a sheet's picture; use it with `async with`."""
        return self._client.get(f"/sheets/{sheet}/picture")

    def pdf(self) -> Any:
        """Ask for the newest batch's receipts on paper; use it with `async with`."""
        return self._client.get("/receipts/batch.pdf")

    async def document(self, path: str) -> bytes:
        """Return the bytes behind an address that must be there."""
        async with self._client.get(path) as answer:
            assert answer.status == 200, path
            return await answer.read()

    async def leads(self, path: str) -> str:
        """Return where a page sends the browser on to."""
        async with self._client.get(path, allow_redirects=False) as answer:
            return answer.headers.get("Location", "")


@asynccontextmanager
async def desk_client(counter: Counter) -> AsyncIterator[DeskClient]:
    """Serve this counter's kiosk and sign a browser in."""
    room = make_room(counter, PLACE, IDLE_S)
    async with TestClient(TestServer(make_app(room))) as client:
        door = web.Response()
        room.sessions.begin(door)
        client.session.cookie_jar.update_cookies(door.cookies, client.make_url("/"))
        yield DeskClient(client, room)
