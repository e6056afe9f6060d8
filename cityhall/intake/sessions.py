"""Which box talks in which session: the newest one wins, here or at another intake, and news reaches each."""

import asyncio
import logging
import secrets
from typing import Final, Protocol

from cityhall.intake.register import Register
from cityhall.mail.buses import Sighting
from cityhall.mail.store import HallMail

log = logging.getLogger("madobus.intake")

LOOK_EVERY_S: Final = 0.5


class Session(Protocol):
    """What the house may tell a session."""

    def nudge(self) -> None:
        """Look for letters, pulls and revocations again."""

    def supersede(self) -> None:
        """End, because a newer session of the same box came."""


class Sessions:
    """All sessions that said hello at this intake, each under a token that no other session of any intake has."""

    def __init__(self, intake: str = "intake") -> None:
        self._intake = intake
        self._by_device: dict[str, tuple[Session, str]] = {}
        self._heard: dict[str, Sighting] = {}

    def __len__(self) -> int:
        return len(self._by_device)

    def has(self, device: str) -> bool:
        """Tell whether a box is connected."""
        return device in self._by_device

    def new_token(self) -> str:
        """Return a token for a new session: the intake's name, a slash, and what nobody else draws."""
        return f"{self._intake}/{secrets.token_hex(8)}"

    def enter(self, device: str, session: Session, token: str = "") -> None:
        """Let a session in; an older one of the same box ends."""
        older, _ = self._by_device.get(device, (None, ""))
        self._by_device[device] = (session, token)
        if older is not None and older is not session:
            older.supersede()

    def leave(self, session: Session) -> None:
        """Forget a session; one that was superseded is forgotten already."""
        for device, (held, _) in list(self._by_device.items()):
            if held is session:
                del self._by_device[device]

    def nudge_all(self) -> None:
        """Tell every session to look at the shelf."""
        for session, _ in list(self._by_device.values()):
            session.nudge()

    def hear(self, sighting: Sighting) -> None:
        """Keep what a bus told until the shelf is told it of all buses at once."""
        self._heard[sighting.device] = sighting

    def take_heard(self) -> list[Sighting]:
        """Return what was told since the last time."""
        heard, self._heard = self._heard, {}
        return list(heard.values())

    def tokens(self) -> dict[str, str]:
        """Return the token of each box's session here."""
        return {device: token for device, (_, token) in self._by_device.items()}

    def replaced(self, device: str, token: str) -> None:
        """End a box's session, if it is still this one, because the box came to another intake since."""
        session, held = self._by_device.get(device, (None, ""))
        if session is not None and held == token:
            session.supersede()


async def watch(
    mail: HallMail, register: Register, sessions: Sessions, every_s: float = LOOK_EVERY_S
) -> None:
    """Nudge the sessions whenever the office put something down or the key bundle changed; end replaced ones.

    A shelf that is away for a while is looked at again.
    """
    seen = (-1, -1)
    while True:
        await asyncio.sleep(every_s)
        try:
            heard = sessions.take_heard()
            if heard:
                await asyncio.to_thread(mail.buses_heard, heard)
            down, came = await asyncio.to_thread(mail.news)
            if came != seen[1]:
                await _end_replaced(mail, sessions)
        except OSError as error:
            log.warning("shelf.away cause=%s", type(error).__name__)
            continue
        if register.refresh() or down != seen[0]:
            sessions.nudge_all()
        seen = (down, came)


async def _end_replaced(mail: HallMail, sessions: Sessions) -> None:
    """End the sessions whose box has said hello elsewhere; those that came while the shelf was read are left alone."""
    held = sessions.tokens()
    newest = await asyncio.to_thread(mail.newest_sessions)
    for device, token in held.items():
        if token and newest.get(device, token) != token:
            log.info("session.replaced device=%s", device)
            sessions.replaced(device, token)
