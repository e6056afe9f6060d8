"""What goes down in a session: the letters and pulls that wait for this bus, and what it says of them."""

import asyncio
import logging

from cityhall.intake.filing import Partners
from sync.events import LetterRefused, LetterTaken
from sync.receiver import Receiver
from sync.refusals import Refused

log = logging.getLogger("madobus.intake")


class Letters:
    """The letters of the bus `name` in the session of `machine`."""

    def __init__(self, partners: Partners, machine: Receiver, name: str) -> None:
        self._partners = partners
        self._machine = machine
        self._name = name

    async def look(self) -> None:
        """Give the machine what waits for this bus; one that was revoked gets nothing any more."""
        if self._partners.register.revoked(self._name) is not None:
            return
        mail = self._partners.mail
        for letter_id in await asyncio.to_thread(mail.letters_for, self._name):
            if self._machine.letters.room < 1:
                break
            letter = await asyncio.to_thread(mail.letter, self._name, letter_id)
            if letter is not None:
                self._machine.letters.put(letter.letter_id, letter.kind, letter.body)
        for env_id, index in await asyncio.to_thread(mail.pulls, self._name):
            self._machine.pull(env_id, index + 1)

    async def taken(self, event: LetterTaken) -> None:
        """Note that the bus holds a letter durably."""
        await self._delivered(event.letter_id)
        log.info("letter.delivered id=%s device=%s", event.letter_id.hex(), self._name)

    async def refused(self, event: LetterRefused) -> None:
        """Note that the bus does not take a letter; one that is too old does not go down again in every session."""
        log.warning("letter.refused id=%s code=%d", event.letter_id.hex(), event.code)
        if event.code == Refused.LETTER_OLD:
            # The bus has a newer one and will never want this.
            await self._delivered(event.letter_id)

    async def _delivered(self, letter_id: bytes) -> None:
        now = self._partners.time.now()
        await asyncio.to_thread(self._partners.mail.letter_delivered, letter_id, self._name, now)
