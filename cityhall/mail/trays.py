"""The shelf's way down and what is known of each bus's link: letters, parts somebody waits for, sessions."""

from collections.abc import Sequence
from datetime import datetime

from cityhall.mail import buses, counters, downwards, journals
from cityhall.mail.buses import Sighting
from cityhall.mail.journals import KnownJournal
from cityhall.mail.models import BusSeen, OutLetter
from keeping.database import Shelf
from sync.journal import Checkpoint


class Trays:
    """Letters, pulls and buses of one shelf."""

    def __init__(self, database: Shelf) -> None:
        self._database = database

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    def journal_known(self, device: str) -> KnownJournal:
        """Return the newest head of a box's journal that city hall cosigned."""
        with self._database.reading() as session:
            return journals.known(session, device)

    def keep_journal(self, device: str, head: Checkpoint, note: str, at: datetime) -> None:
        """Remember a cosigned head of a box's journal; a smaller one changes nothing."""
        with self._database.writing() as session:
            journals.keep(session, device, head, note, at)

    def journal_alarm(self, device: str) -> int:
        """Count that a box could not prove its journal; returns how often that was."""
        with self._database.writing() as session:
            return journals.alarm(session, device)

    def letters_for(self, device: str) -> list[bytes]:
        """Name the letters a bus has not confirmed, in the order they go down."""
        with self._database.reading() as session:
            return downwards.waiting(session, device)

    def letter(self, device: str, letter_id: bytes) -> OutLetter | None:
        """Return one letter of a bus."""
        with self._database.reading() as session:
            return downwards.letter(session, device, letter_id)

    def letter_delivered(self, letter_id: bytes, device: str, at: datetime) -> bool:
        """Note that a bus holds a letter; False the second time."""
        with self._database.writing() as session:
            return downwards.delivered(session, device, letter_id, at)

    def pulls(self, device: str) -> list[tuple[bytes, int]]:
        """List (env_id, part index) the office waits for from one bus."""
        with self._database.reading() as session:
            return downwards.pulls(session, device)

    def downwards(self) -> int:
        """Return a number that moves whenever a letter was posted or a part asked for."""
        return self.news()[0]

    def news(self) -> tuple[int, int]:
        """Return two numbers: one moves when something is to go down, one when a box said hello anywhere."""
        with self._database.reading() as session:
            found = counters.values(session, [counters.DOWNWARDS, counters.SESSIONS])
        return found[counters.DOWNWARDS], found[counters.SESSIONS]

    def bus_came(self, device: str, token: str, at: datetime, facts: dict[str, int]) -> None:
        """Remember that a bus said hello: this session, "intake/name", is its newest at whichever intake."""
        with self._database.adding() as session:
            buses.put(session, Sighting(device, token, at, facts), connected=True, newest=True)

    def bus_seen(
        self, device: str, at: datetime, facts: dict[str, int], *, connected: bool = True
    ) -> None:
        """Remember that a bus was heard (or went), and the small numbers it told, whatever its session."""
        with self._database.adding() as session:
            buses.put(session, Sighting(device, "", at, facts), connected=connected)

    def buses_heard(self, sightings: Sequence[Sighting]) -> None:
        """Remember what several buses told in their sessions; an older session's word is not taken."""
        with self._database.adding() as session:
            buses.heard(session, sightings)

    def bus_left(self, device: str, token: str, at: datetime) -> None:
        """Remember that a session ended; nothing changes when the box has a newer one anywhere."""
        with self._database.adding() as session:
            buses.heard(session, [Sighting(device, token, at, {})], connected=False)

    def newest_sessions(self) -> dict[str, str]:
        """Return the newest session of each box, as `bus_came` was told."""
        with self._database.reading() as session:
            return buses.newest(session)

    def nobody_connected(self, at: datetime, intake: str | None = None) -> None:
        """Note at an intake's start that no bus is connected to it; without a name, to none at all."""
        with self._database.writing() as session:
            buses.nobody(session, at, intake)

    def post_letter(
        self, device: str, kind: str, body: bytes, letter_id: bytes, *, at: datetime | None = None
    ) -> bool:
        """Put a letter into a bus's tray; False when it is there already."""
        with self._database.writing() as session:
            return downwards.post(session, device, OutLetter(letter_id, kind, body), at)

    def pull(self, env_id: bytes, index: int) -> bool:
        """Ask for a part (its index in the header) before the others; False when here or asked already."""
        with self._database.writing() as session:
            return downwards.pull(session, env_id, index)

    def buses(self) -> list[BusSeen]:
        """List every bus the intake ever heard."""
        with self._database.reading() as session:
            return buses.listed(session)
