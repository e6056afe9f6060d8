"""Who sits at the screen: one session at a time, gone after idle seconds, with its own CSRF token."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web

COOKIE = "desk"
TOKEN_BYTES = 24

WARN_S = 30.0
"""Seconds before the lock in which a screen says so and offers to stay: enough for anybody to press once."""


@dataclass(slots=True)
class Session:
    """The one browser that gave the PIN."""

    token: str
    csrf: str
    touched: float


class Sessions:
    """Keeps at most one session; a new sign-in ends the one before."""

    def __init__(
        self,
        random: Callable[[int], bytes],
        monotonic: Callable[[], float],
        idle_s: float,
    ) -> None:
        self._random = random
        self._monotonic = monotonic
        self._idle_s = idle_s
        self._session: Session | None = None
        self._door = random(TOKEN_BYTES).hex()

    def begin(self, answer: web.StreamResponse) -> None:
        """Start a session and give its cookie with this answer."""
        token, csrf = self._random(TOKEN_BYTES).hex(), self._random(TOKEN_BYTES).hex()
        self._session = Session(token, csrf, self._monotonic())
        answer.set_cookie(COOKIE, token, samesite="Strict", httponly=True, path="/")

    def end(self) -> None:
        """Forget the session."""
        self._session = None

    def of(self, request: web.BaseRequest) -> Session | None:
        """Return the session of this browser, or None."""
        session = self._session
        given = request.cookies.get(COOKIE, "")
        if session is None or not hmac.compare_digest(session.token.encode(), given.encode()):
            return None
        return session

    def csrf(self, request: web.BaseRequest) -> str:
        """Return the token a form of this browser must carry; before the PIN, the door's own."""
        session = self.of(request)
        return self._door if session is None else session.csrf

    def touch(self, request: web.BaseRequest) -> None:
        """Note that a person is there."""
        session = self.of(request)
        if session is not None:
            session.touched = self._monotonic()

    def hold(self) -> None:
        """Keep the session alive while the machine works and the person waits for it."""
        if self._session is not None:
            self._session.touched = self._monotonic()

    def idle_left(self) -> float | None:
        """Return the seconds until the screen locks, or None when nobody is signed in."""
        if self._session is None:
            return None
        return self._session.touched + self._idle_s - self._monotonic()
