"""Which box talks in which session: the newest one wins, and news from the house reaches each."""

import asyncio
from typing import Final, Protocol

from cityhall.intake.register import Register
from cityhall.mail.store import HallMail

LOOK_EVERY_S: Final = 0.5


class Session(Protocol):
    """What the house may tell a session."""

    def nudge(self) -> None:
        """Look for letters, pulls and revocations again."""

    def supersede(self) -> None:
        """End, because a newer session of the same box came."""


class Sessions:
    """All sessions that said hello."""

    def __init__(self) -> None:
        self._by_device: dict[str, Session] = {}

    def __len__(self) -> int:
        return len(self._by_device)

    def has(self, device: str) -> bool:
        """Tell whether a box is connected."""
        return device in self._by_device

    def enter(self, device: str, session: Session) -> None:
        """Let a session in; an older one of the same box ends."""
        older = self._by_device.get(device)
        self._by_device[device] = session
        if older is not None and older is not session:
            older.supersede()

    def leave(self, session: Session) -> None:
        """Forget a session; one that was superseded is forgotten already."""
        for device, held in list(self._by_device.items()):
            if held is session:
                del self._by_device[device]

    def nudge_all(self) -> None:
        """Tell every session to look at the shelf."""
        for session in list(self._by_device.values()):
            session.nudge()


async def watch(
    mail: HallMail, register: Register, sessions: Sessions, every_s: float = LOOK_EVERY_S
) -> None:
    """Nudge the sessions whenever the office put something down or the key bundle changed."""
    seen = await asyncio.to_thread(mail.downwards)
    while True:
        await asyncio.sleep(every_s)
        now = await asyncio.to_thread(mail.downwards)
        if register.refresh() or now != seen:
            seen = now
            sessions.nudge_all()
