"""What a caseworker does with a case: read it, look at its pages, accept it, ask for a correction, pull a page."""

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from cityhall.mail.downwards import TrayFullError
from cityhall.mail.models import Arrival, PartState
from cityhall.office.audit import AuditPen
from cityhall.office.case_store import CaseNotFoundError, CaseStore, Decision
from cityhall.office.cases import CaseEvent, CaseMoveError
from cityhall.office.correspondence import Letters, Post, Wanted, correction_request
from cityhall.office.dossier import Dossier, Leaf, OpenedVersion, assemble, leaves
from cityhall.office.inbox import Entry, Inbox
from cityhall.office.models import CorrectionRow
from cityhall.office.vault import Asked, Picture, SealedPart, Vault, VaultError
from sync.envelope import PartRole
from sync.ids import new_id
from sync.letters import encode_letter

log = logging.getLogger(__name__)

REVIEW = "review"
CORRECTION = "correction"


CONFIRMED_BY = ("withdraw_paper", "withdraw_person", "withdraw_phone")
"""How a filer may confirm a withdrawal: in writing, in person, called back by phone."""


class WithdrawalError(Exception):
    """A withdrawal that the filer did not confirm."""


class PageAwayError(Exception):
    """The page has not arrived yet: ask for it and wait."""


class NewerVersionError(Exception):
    """A newer version of this case arrived after the screen was drawn: look at it first."""


class Shelf(Letters, Protocol):
    """What casework needs of the shelf."""

    def arrival(self, env_id: bytes) -> Arrival | None:
        """Return one arrival, or None."""

    def slip(self, env_id: bytes) -> bytes:
        """Return a slip."""

    def part(self, env_id: bytes, index: int) -> bytes | None:
        """Return a sealed part, or None while it is not here."""

    def pull(self, env_id: bytes, index: int) -> bool:
        """Ask the bus for a part before the others."""


@dataclass(frozen=True, slots=True)
class Who:
    """The caseworker and the address the request came from."""

    name: str
    origin: str


class Casework:
    """The work on one case. Every step leaves its audit line before it shows or changes anything."""

    def __init__(
        self,
        *,
        shelf: Shelf,
        store: CaseStore,
        inbox: Inbox,
        vault: Vault,
        audit: AuditPen,
        post: Post,
    ) -> None:
        self._shelf = shelf
        self._store = store
        self._inbox = inbox
        self._vault = vault
        self._audit = audit
        self._post = post

    def entry(self, case_id: str) -> Entry:
        """Return a case without opening it; raises CaseNotFoundError."""
        entry = self._inbox.entry(case_id)
        if entry is None:
            raise CaseNotFoundError(f"case: {case_id} is not in this office; reload the inbox")
        return entry

    def read(self, case_id: str, who: Who) -> tuple[Entry, Dossier]:
        """Open all versions of a case for one caseworker."""
        entry = self.entry(case_id)
        opened = []
        for version in entry.versions:
            env_id = bytes.fromhex(version.env_id)
            asked = _asked(who, "case.opened", case_id, f"version {version.number}")
            record = self._vault.record(self._slip(env_id), version.device, asked)
            opened.append(OpenedVersion(env_id, version.number, record, self._parts(env_id)))
        return entry, assemble(opened)

    def leaves(self, case_id: str) -> tuple[Leaf, ...]:
        """Return the sheets of a case and what has arrived of them, without opening anything."""
        envelopes = [bytes.fromhex(version.env_id) for version in self.entry(case_id).versions]
        return leaves([(env_id, self._parts(env_id)) for env_id in envelopes])

    def picture(self, case_id: str, number: int, who: Who, role: PartRole) -> Picture:
        """Open one of a sheet's pictures; raises PageAwayError while it has not arrived."""
        leaf = self._leaf(case_id, number)
        part = leaf.part(role)
        data = self._shelf.part(leaf.env_id, part.index) if part and part.arrived else None
        if part is None or data is None:
            raise PageAwayError(f"case: picture {number} has not arrived; pull it")
        asked = _asked(who, f"{role.name.lower()}.shown", case_id, f"sheet {number + 1}")
        arrival = self._shelf.arrival(leaf.env_id)
        device = arrival.device if arrival else ""
        sealed = SealedPart(part.index, data, leaf.place, role)
        return self._vault.picture(self._slip(leaf.env_id), device, sealed, asked)

    def _slip(self, env_id: bytes) -> bytes:
        """Return a slip; raises VaultError where the shelf was put back to a time before it, or it was erased."""
        try:
            return self._shelf.slip(env_id)
        except KeyError as missing:
            raise VaultError(
                "case: an application opens from the shelf, and the shelf does not hold this envelope; "
                "after a restore its bus brings it again"
            ) from missing

    def pull(self, case_id: str, number: int, who: Who, role: PartRole = PartRole.PAGE) -> bool:
        """Ask the bus to send one sheet's picture first; False when it is here or asked for already."""
        leaf = self._leaf(case_id, number)
        part = leaf.part(role)
        if part is None or part.arrived:
            return False
        self._write(who, f"{role.name.lower()}.pulled", case_id, f"sheet {number + 1}")
        return self._shelf.pull(leaf.env_id, part.index)

    def accept(self, case_id: str, who: Who, *, versions_seen: int | None = None) -> None:
        """Register a case as received in order; raises CaseMoveError or NewerVersionError."""
        entry = self.entry(case_id)
        if versions_seen is not None and versions_seen != len(entry.versions):
            raise NewerVersionError("case: a newer version arrived; look at it before deciding")
        self._decide(case_id, who, Decision(who.name, self._now(), CaseEvent.ACCEPT))

    def correct(self, case_id: str, who: Who, wanted: Wanted) -> None:
        """Ask the provider for a correction at the bus's next visit; sealed and kept here before it is posted."""
        entry = self.entry(case_id)
        record_id = bytes.fromhex(case_id)
        request = correction_request(
            entry.case, record_id, wanted, self._post.clock.now(), new_id(self._post.random)
        )
        letter_id, body = self._post.seal_letter(
            CORRECTION, encode_letter(request), entry.case.device, bytes(16)
        )
        kept = CorrectionRow(
            request_id=letter_id.hex(), case_id=case_id, device=entry.case.device, body=body
        )
        decision = Decision(
            who.name, self._now(), CaseEvent.REQUEST_CORRECTION, wanted.reason, request.sentence
        )
        self._decide(case_id, who, decision, kept, wanted)
        self.post_waiting()

    def withdraw(self, case_id: str, who: Who, how: str) -> None:
        """Note that the filer took the application back (取下げ), and how the filer confirmed it.

        Raises WithdrawalError for a way that is none of `CONFIRMED_BY`, CaseMoveError where it is too late.
        """
        if how not in CONFIRMED_BY:
            raise WithdrawalError(
                "withdraw: only the filer withdraws; say how the filer confirmed it"
            )
        self._decide(case_id, who, Decision(who.name, self._now(), CaseEvent.WITHDRAW, how))

    def post_waiting(self) -> int:
        """Put every kept correction onto the shelf that is not known to stand there; safe to repeat."""
        posted = 0
        for row in self._store.unposted():
            letter_id = bytes.fromhex(row.request_id)
            try:
                self._shelf.post_letter(row.device, CORRECTION, row.body, letter_id)
            except TrayFullError:
                log.warning("correction.waits device=%s cause=tray_full", row.device)
                continue
            self._store.posted(row.request_id)
            posted += 1
        return posted

    def _decide(
        self,
        case_id: str,
        who: Who,
        decision: Decision,
        kept: CorrectionRow | None = None,
        wanted: Wanted | None = None,
    ) -> None:
        self._write(who, f"case.{decision.event.value}", case_id, reason=decision.reason)
        try:
            self._store.decide(
                case_id,
                decision,
                correction=kept,
                answer_by=wanted.answer_by if wanted else None,
            )
        except CaseMoveError as refusal:
            self._write(who, "move.refused", case_id, refusal.state.value)
            raise

    def _leaf(self, case_id: str, number: int) -> Leaf:
        found = self.leaves(case_id)
        if not 0 <= number < len(found):
            raise CaseNotFoundError(f"case: it has no picture {number}; reload the case")
        return found[number]

    def _parts(self, env_id: bytes) -> tuple[PartState, ...]:
        arrival = self._shelf.arrival(env_id)
        return arrival.parts if arrival else ()

    def _write(
        self, who: Who, action: str, case_id: str, detail: str = "", reason: str = ""
    ) -> None:
        self._audit.write(
            actor=who.name,
            action=action,
            case_id=case_id,
            reason=reason,
            detail=detail,
            origin=who.origin,
        )

    def _now(self) -> datetime:
        return self._post.clock.now().wall


def _asked(who: Who, action: str, case_id: str, detail: str) -> Asked:
    return Asked(who.name, action, REVIEW, case_id, detail, who.origin)
