"""Takes what the intake put on the shelf: opens each new slip, makes the case, wakes the screens."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from cityhall.mail.models import Arrival
from cityhall.office.board import Board
from cityhall.office.case_store import CaseStore
from cityhall.office.citytime import city_time
from cityhall.office.doubts import doubts_of
from cityhall.office.entry import ArrivalFacts
from cityhall.office.notes_in import NotesIn
from cityhall.office.stamps import stamp_of
from cityhall.office.vault import Asked, Vault, VaultError
from sync.bundle import KeyBundle
from sync.envelope import PartRole
from sync.verify import read_header

log = logging.getLogger(__name__)

APPLICATION = "application"
# The shelf's number is looked at this often; a slip is on the screens within a second.
LOOK_EVERY_S = 0.2
# Steps read from the shelf at a time.
BATCH = 50
ACTOR = "arrivals"


class Shelf(Protocol):
    """What this task reads of the shelf."""

    def changed(self) -> int:
        """Return a number that moves whenever something arrived."""

    def moved_since(self, change: int, limit: int) -> list[Arrival]:
        """Return arrivals that took a step after `changed()` was `change`, oldest step first."""

    def arrival(self, env_id: bytes) -> Arrival | None:
        """Return one arrival."""

    def slip(self, env_id: bytes) -> bytes:
        """Return a slip; raises KeyError for an erased one."""

    def forget(self, env_id: bytes) -> None:
        """Erase a whole envelope's sealed bytes; harmless twice."""


class Arrivals:
    """The task that fills the inbox."""

    def __init__(
        self,
        shelf: Shelf,
        store: CaseStore,
        vault: Vault,
        board: Board,
        bundle: Callable[[], KeyBundle],
        *,
        notes: NotesIn | None = None,
    ) -> None:
        self._shelf = shelf
        self._store = store
        self._vault = vault
        self._board = board
        self._bundle = bundle
        self._notes = notes

    async def watch(self) -> None:
        """Look at the shelf forever; whatever fails here ends the process, so that it is started afresh."""
        await asyncio.to_thread(self.retry)
        seen: int | None = None
        while True:
            number = await asyncio.to_thread(self._shelf.changed)
            if number != seen:
                if await asyncio.to_thread(self.take_all):
                    self._board.changed()
                seen = number
            await asyncio.sleep(LOOK_EVERY_S)

    def retry(self) -> None:
        """Try once more, at each start, what did not open: a key or a bundle may have been put in place since."""
        for env_id in self._store.troubled():
            arrival = self._shelf.arrival(env_id)
            if arrival is not None and arrival.kind == APPLICATION:
                self._open(arrival, facts_of(arrival))
            elif arrival is not None:
                self._note(arrival)

    def take_all(self) -> int:
        """Take everything that moved and return how many steps that were.

        A shelf that has fewer steps than were read came back from a backup: all of it is looked at once more.
        """
        steps = 0
        if self._shelf.changed() < self._store.read_up_to():
            log.warning("shelf.restored")
            self._store.read_again()
        while moved := self._shelf.moved_since(self._store.read_up_to(), BATCH):
            for arrival in moved:
                self._take(arrival)
            steps += len(moved)
        return steps

    def _take(self, arrival: Arrival) -> None:
        facts = facts_of(arrival)
        if self._store.erased(arrival.env_id):
            self._forget(arrival)
        elif arrival.kind != APPLICATION:
            self._note(arrival)
        elif not self._store.progress(facts):
            self._open(arrival, facts)

    def _note(self, arrival: Arrival) -> None:
        """Take a note in, or remember that it did not open. Other kinds are not ours to open."""
        if self._notes is None or not self._notes.knows(arrival.kind):
            self._store.skip(arrival.moved)
        elif self._notes.take(arrival):
            self._store.untrouble(arrival.env_id)
            self._store.skip(arrival.moved)
        else:
            self._store.trouble(facts_of(arrival), "open.failed")

    def _forget(self, arrival: Arrival) -> None:
        """Erase once more what a shelf from a backup, or the bus after it, brought back."""
        if arrival.complete:
            self._shelf.forget(arrival.env_id)
        self._store.skip(arrival.moved)

    def _open(self, arrival: Arrival, facts: ArrivalFacts) -> None:
        asked = Asked(ACTOR, "case.received", "register", detail=arrival.filing_no)
        try:
            slip = self._shelf.slip(arrival.env_id)
        except KeyError:
            # Erased by an office whose own files were lost since: only the digest is left, and nothing to take in.
            log.warning("arrival.erased serial=%d device=%s", arrival.serial, arrival.device)
            self._store.skip(arrival.moved)
            return
        try:
            record = self._vault.record(slip, arrival.device, asked)
        except VaultError:
            log.warning("arrival.sealed serial=%d device=%s", arrival.serial, arrival.device)
            self._store.trouble(facts, "open.failed")
            return
        bundle, header = self._bundle(), read_header(slip)
        told, stamp = city_time(slip, bundle), stamp_of(header)
        doubts = doubts_of(header, arrival.received_at, bundle)
        known = replace(facts, not_before=told, stamp=stamp, doubts=doubts)
        self._store.take(record, known)
        log.info("arrival.taken serial=%d device=%s", arrival.serial, arrival.device)


def facts_of(arrival: Arrival) -> ArrivalFacts:
    """Return what the cases need to know of an arrival."""
    pages = [part for part in arrival.parts if part.role is PartRole.PAGE]
    return ArrivalFacts(
        serial=arrival.serial,
        moved=arrival.moved,
        env_id=arrival.env_id,
        device=arrival.device,
        filing_no=arrival.filing_no,
        log_index=arrival.log_index,
        received_at=arrival.received_at,
        pages=len(pages),
        pages_here=sum(part.arrived for part in pages),
        complete=arrival.complete,
    )
