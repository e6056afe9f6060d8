"""Erases one application when two persons want it: key, sealed bytes, rows, in that order; then the certificate.

Each step is harmless twice. Once confirmed, an erasure that was cut anywhere is finished at the next start.
"""

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlmodel import col, select

from cityhall.office.accounts import Person
from cityhall.office.audit import AuditPen
from cityhall.office.case_keys import KeysBusyError
from cityhall.office.epochs import EpochKey
from cityhall.office.erasure import SLIPS_MAX, Reason, Stage, sign_certificate
from cityhall.office.erasure_rows import (
    ErasureRefusedError,
    case_of,
    certificate_of,
    check_whole,
    close,
    envelopes_of,
    proposal,
    proposed,
)
from cityhall.office.models import ErasedEnvelopeRow, ErasureRow
from cityhall.office.roles import CONFIRMS_ERASURE, PROPOSES_ERASURE
from keeping.database import Database
from sync.keys import Signer
from sync.verify import read_header

log = logging.getLogger(__name__)


class Shelf(Protocol):
    """What an erasure needs of the shelf."""

    def slip(self, env_id: bytes) -> bytes:
        """Return a slip."""

    def forget(self, env_id: bytes) -> None:
        """Erase an envelope's sealed bytes; harmless twice."""


class Keys(Protocol):
    """What an erasure needs of the applications' keys."""

    def key_id(self, case_id: str) -> bytes | None:
        """Return the id of an application's key."""

    def erase(self, case_id: str) -> None:
        """Delete an application's key for ever; harmless twice."""


@dataclass(frozen=True, slots=True)
class Erasing:
    """Who acts here: a signed-in person and the address they came from."""

    person: Person
    origin: str = ""


class Eraser:
    """The erasures of this office. `months` names the opening keys that are here."""

    def __init__(
        self,
        *,
        database: Database,
        shelf: Shelf,
        keys: Keys,
        months: Callable[[], tuple[EpochKey, ...]],
        audit: AuditPen,
        signer: Signer,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._shelf = shelf
        self._keys = keys
        self._months = months
        self._audit = audit
        self._signer = signer
        self._now = now

    def propose(self, case_id: str, reason: Reason, by: Erasing) -> None:
        """Note that a person wants an application erased; a second proposal changes nothing.

        Raises CaseNotFoundError, ErasureRefusedError for a role that may not, or pages still on a bus.
        """
        if by.person.role not in PROPOSES_ERASURE:
            self._refuse(case_id, by, "role", "a caseworker or a chief proposes an erasure")
        self._write(by, "erasure.proposed", case_id, reason=reason.value)
        with self._database.writing() as session:
            case = case_of(session, case_id)
            check_whole(session, case_id)
            if session.get(ErasureRow, case_id) is None:
                session.add(proposal(case, reason, by.person.name, self._now()))

    def withdraw(self, case_id: str, by: Erasing) -> None:
        """Take a proposal back; raises ErasureRefusedError when there is none or it was confirmed."""
        if by.person.role not in PROPOSES_ERASURE:
            self._refuse(case_id, by, "role", "a caseworker or a chief takes a proposal back")
        self._write(by, "erasure.withdrawn", case_id)
        with self._database.writing() as session:
            session.delete(proposed(session, case_id))

    def confirm(self, case_id: str, by: Erasing) -> bytes:
        """Erase what another person proposed and return the signed certificate; the second time returns it again.

        Raises ErasureRefusedError unless a chief confirms what somebody else proposed.
        """
        done = self.find(case_id)
        if done is not None and done.stage == Stage.ERASED.value:
            return done.certificate
        if by.person.role not in CONFIRMS_ERASURE:
            self._refuse(case_id, by, "role", "a chief confirms an erasure")
        if done is not None and done.proposer == by.person.name:
            self._refuse(case_id, by, "same_person", "who proposed an erasure cannot confirm it")
        if done is not None and done.stage == Stage.CONFIRMED.value:
            return self._finish(case_id)
        self._write(by, "erasure.confirmed", case_id)
        facts = self._facts(case_id)
        with self._database.writing() as session:
            row = proposed(session, case_id)
            if row.proposer == by.person.name:
                raise ErasureRefusedError("erasure: who proposed it cannot confirm it; ask a chief")
            check_whole(session, case_id)
            if envelopes_of(session, case_id) != list(facts.slips):
                raise ErasureRefusedError(
                    "erasure: a version arrived while it was confirmed and would stay on the shelf; confirm again"
                )
            row.stage, row.confirmer, row.confirmed_at = (
                Stage.CONFIRMED.value,
                by.person.name,
                self._now(),
            )
            row.key_id, row.epochs = facts.key_id.hex(), " ".join(facts.epochs)
            session.add(row)
            for env_id, digest in facts.slips.items():
                session.add(ErasedEnvelopeRow(env_id=env_id, case_id=case_id, slip_sha256=digest))
        try:
            return self._finish(case_id)
        except KeysBusyError as busy:
            raise ErasureRefusedError(f"erasure: confirmed, but not finished: {busy}") from busy

    def finish(self) -> int:
        """Finish every erasure that was confirmed and cut; returns how many. For each start.

        One that cannot be finished now, because somebody reads keys.db, waits for the next.
        """
        with self._database.reading() as session:
            query = select(ErasureRow.case_id).where(ErasureRow.stage == Stage.CONFIRMED.value)
            cut = session.exec(query).all()
        finished = 0
        for case_id in cut:
            try:
                self._finish(case_id)
                finished += 1
            except KeysBusyError as busy:
                log.warning("erasure.waits case=%s cause=%s", case_id, busy)
        return finished

    def find(self, case_id: str) -> ErasureRow | None:
        """Return an application's erasure, or None."""
        with self._database.reading() as session:
            return session.get(ErasureRow, case_id)

    def listed(self, limit: int = 500) -> list[ErasureRow]:
        """Return the newest erasures and proposals first."""
        query = select(ErasureRow).order_by(col(ErasureRow.proposed_at).desc()).limit(limit)
        with self._database.reading() as session:
            return list(session.exec(query))

    def _facts(self, case_id: str) -> "_Facts":
        """Read what the certificate will say, while the slips are still there."""
        with self._database.reading() as session:
            envelopes = envelopes_of(session, case_id)
        if len(envelopes) > SLIPS_MAX:
            raise ErasureRefusedError(
                f"erasure: a certificate names at most {SLIPS_MAX} envelopes, this application has {len(envelopes)}; "
                "tell the developers"
            )
        try:
            slips = {env_id: self._shelf.slip(bytes.fromhex(env_id)) for env_id in envelopes}
        except KeyError as missing:
            raise ErasureRefusedError(
                "erasure: a certificate names every envelope, and the shelf does not hold one of them; "
                "after a restore wait until its bus has brought it again"
            ) from missing
        sealed_to = {one.key_id for slip in slips.values() for one in read_header(slip).recipients}
        return _Facts(
            slips={env_id: hashlib.sha256(slip).digest() for env_id, slip in slips.items()},
            key_id=self._keys.key_id(case_id) or b"",
            epochs=tuple(one.name for one in self._months() if one.key.key_id in sealed_to),
        )

    def _finish(self, case_id: str) -> bytes:
        self._keys.erase(case_id)
        with self._database.reading() as session:
            row = session.get_one(ErasureRow, case_id)
            erased = session.exec(
                select(ErasedEnvelopeRow)
                .where(ErasedEnvelopeRow.case_id == case_id)
                .order_by(col(ErasedEnvelopeRow.env_id))
            ).all()
        for one in erased:
            self._shelf.forget(bytes.fromhex(one.env_id))
        slips = tuple(one.slip_sha256 for one in erased)
        made = sign_certificate(certificate_of(row, slips, self._now()), self._signer)
        self._audit.write(
            actor=row.confirmer,
            action="case.erased",
            case_id=case_id,
            reason=row.reason,
            detail=f"certificate {hashlib.sha256(made).hexdigest()}",
        )
        with self._database.writing() as session:
            kept = close(session, case_id, made)
        self._database.empty_log()
        log.info("case.erased envelopes=%d months_left=%d", len(slips), len(row.epochs.split()))
        return kept

    def _refuse(self, case_id: str, by: Erasing, fact: str, rule: str) -> None:
        self._write(by, "erasure.refused", case_id, detail=fact)
        raise ErasureRefusedError(
            f"erasure: {rule}; {by.person.name} is {by.person.role.value}; ask another person"
        )

    def _write(
        self, by: Erasing, action: str, case_id: str, *, reason: str = "", detail: str = ""
    ) -> None:
        self._audit.write(
            actor=by.person.name,
            action=action,
            case_id=case_id,
            reason=reason,
            detail=detail,
            origin=by.origin,
        )


@dataclass(frozen=True, slots=True)
class _Facts:
    slips: dict[str, bytes]
    key_id: bytes
    epochs: tuple[str, ...]
