"""The two screens as a person's browser uses them: the same addresses, the same forms, over HTTP."""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self

import aiohttp

# The office tells with each picture it shows the digest of what came out of the seal.
SEALED_DIGEST = "X-Sealed-SHA256"

State = dict[str, Any]

POLL_SECONDS = 0.25


class ScreenError(Exception):
    """A screen answered other than a person would expect."""


class _Screen:
    """One browser window with its cookies."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._browser = aiohttp.ClientSession(
            cookie_jar=aiohttp.CookieJar(unsafe=True),
            timeout=aiohttp.ClientTimeout(total=120),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._browser.close()

    async def read(self, path: str) -> State:
        """Return a JSON page."""
        async with self._browser.get(f"{self._address}{path}") as answer:
            if answer.status != HTTPStatus.OK:
                raise ScreenError(f"GET {path} answered {answer.status}.")
            found: State = await answer.json()
            return found

    async def picture_of(self, path: str) -> tuple[bytes, str]:
        """Return a picture as it is shown and the digest of what was sealed; both empty while it is not there."""
        async with self._browser.get(f"{self._address}{path}") as answer:
            if answer.status != HTTPStatus.OK:
                return b"", ""
            return await answer.read(), answer.headers.get(SEALED_DIGEST, "")

    async def send(self, path: str, csrf: str, form: Mapping[str, str | list[str]]) -> None:
        """Press a form's button; raises ScreenError with the page's first words when it is refused."""
        fields = aiohttp.FormData({"csrf": csrf})
        for name, value in form.items():
            for one in value if isinstance(value, list) else [value]:
                fields.add_field(name, one)
        async with self._browser.post(
            f"{self._address}{path}",
            data=fields,
            allow_redirects=False,
        ) as answer:
            if answer.status >= HTTPStatus.BAD_REQUEST:
                words = await answer.text()
                raise ScreenError(f"POST {path} answered {answer.status}: {_plain(words)}")


class DeskScreen(_Screen):
    """The kiosk on the bus."""

    async def state(self) -> State:
        """Return all that the desk's screen knows."""
        return await self.read("/state.json")

    async def press(self, path: str, **form: str | list[str]) -> None:
        """Press a button of the desk."""
        state = await self.state()
        await self.send(path, str(state["csrf"]), form)


class OfficeScreen(_Screen):
    """A caseworker's browser."""

    async def sign_in(self, name: str, password: str, code: str) -> None:
        """Sign in with password and one-time code."""
        await self.send("/sign-in", "", {"name": name, "password": password, "code": code})

    async def press(self, path: str, **form: str | list[str]) -> None:
        """Press a button of the office."""
        session = await self.read("/session.json")
        await self.send(path, str(session["csrf"]), form)

    async def cases(self) -> list[State]:
        """Return the inbox's rows."""
        rows = await self.read("/cases.json")
        found: list[State] = rows["cases"]
        return found


async def until(
    what: str,
    found: Callable[[], Awaitable[bool]],
    seconds: float,
) -> None:
    """Look again until `found`; raises ScreenError saying what did not happen in time."""
    deadline = time.monotonic() + seconds
    while not await found():
        if time.monotonic() > deadline:
            raise ScreenError(f"This did not happen within {seconds:.0f} s: {what}.")
        await asyncio.sleep(POLL_SECONDS)


def _plain(page: str) -> str:
    """Return the words of a page's alert, without its tags."""
    body = page.partition("<main")[2].partition(">")[2]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", body)).strip()[:300]
