"""City hall as witness of one box's journal, in one session: a head that does not extend the known one is an alarm."""

import logging

from cityhall.intake.filing import Partners
from cityhall.mail.journals import KnownJournal
from sync.bundle import Device
from sync.errors import SealError
from sync.events import JournalTold
from sync.journal import Checkpoint
from sync.witness import NOTHING, Verdict, judge, read_cosigned, read_note

log = logging.getLogger("madobus.intake")


class Witnessing:
    """Judges what one box says of its journal in one session."""

    def __init__(self, partners: Partners, device: Device) -> None:
        self._partners = partners
        self._device = device
        # The box was told a newer head to prove from; and: it could not, which is said once a session.
        self._asked = False
        self._broken = False

    def told(self, event: JournalTold) -> tuple[str, bool]:
        """Return the newest cosigned note, and whether it is for the head the box just told.

        Raises OSError when the disk takes nothing.
        """
        name, key = self._device.name, self._device.verify
        try:
            told = read_note(event.note, name, key)
        except SealError as error:
            # Its filings are taken all the same: they bear signatures of their own.
            log.warning("journal.refused device=%s cause=%s", name, error)
            known = self._partners.mail.journal_known(name)
            self._alarm(known.head.size, 0)
            return known.note, False
        ground = self._ground(event.held)
        known = self._known(ground, event.held)
        if known.note and (told.size, told.root) == (known.head.size, known.head.root):
            return known.note, True
        verdict = Verdict.BROKEN if self._broken else judge(known.head, ground, told, event.path)
        if verdict is Verdict.GROWN and self._partners.register.revoked(name):
            # What it journals now may be a thief's: nothing beyond the known head is vouched for.
            return known.note, False
        if verdict is Verdict.GROWN:
            self._asked = False
            return self._grown(told, event.note), True
        if verdict is Verdict.BROKEN or self._asked:
            self._alarm(known.head.size, told.size)
        self._asked = True
        return known.note, False

    def _alarm(self, known: int, told: int) -> None:
        if self._broken:
            return
        self._broken = True
        name = self._device.name
        alarms = self._partners.mail.journal_alarm(name)
        log.error("journal.broken device=%s known=%d told=%d alarms=%d", name, known, told, alarms)

    def _ground(self, held: str) -> Checkpoint:
        """Return the head the box's proof begins at, when it is one that city hall cosigned."""
        if not held:
            return NOTHING
        partners, device = self._partners, self._device
        keys = partners.countersigner.keys(partners.register.bundle)
        try:
            return read_cosigned(held, device.name, device.verify, keys)[0]
        except SealError as error:
            log.warning("journal.ground_refused device=%s cause=%s", device.name, error)
            return NOTHING

    def _known(self, ground: Checkpoint, held: str) -> KnownJournal:
        """Return what is remembered; a larger head that city hall cosigned was lost with a backup, and counts again."""
        name, mail = self._device.name, self._partners.mail
        known = mail.journal_known(name)
        if ground.size <= known.head.size:
            return known
        if known.note:
            log.warning("journal.witness_behind device=%s known=%d", name, known.head.size)
        mail.keep_journal(name, ground, held, self._partners.time.now())
        return KnownJournal(ground, held, known.alarms)

    def _grown(self, told: Checkpoint, note: str) -> str:
        partners, now = self._partners, self._partners.time.now()
        cosigned = partners.countersigner.cosign(note, now)
        partners.mail.keep_journal(self._device.name, told, cosigned, now)
        return cosigned
