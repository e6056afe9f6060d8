"""A person's last application, opened for the next visit's pack: the newest accepted one, an audit line first."""

import logging
from collections.abc import Callable
from typing import Protocol

from sqlmodel import col, select

from cityhall.office.cases import CaseState
from cityhall.office.casework import Who
from cityhall.office.dossier import OpenedVersion, assemble
from cityhall.office.models import CaseRow, VersionRow
from cityhall.office.vault import Asked, Vault, VaultError
from keeping.database import Database
from sync.letters import LastCase

log = logging.getLogger(__name__)

ACTION, REASON = "case.carried", "visit_pack"


class Slips(Protocol):
    """What is needed of the shelf."""

    def slip(self, env_id: bytes) -> bytes:
        """Return a slip; raises KeyError for an erased one."""


class LastCases:
    """Gives what may be carried over from a person's last application.

    `carried` names, for a procedure, the fields its form allows.
    """

    def __init__(
        self,
        database: Database,
        shelf: Slips,
        vault: Vault,
        carried: Callable[[str], tuple[str, ...]],
    ) -> None:
        self._database = database
        self._shelf = shelf
        self._vault = vault
        self._carried = carried

    def of(self, procedure: str, insured_no: str, who: Who) -> LastCase | None:
        """Return the last case of a person; None without one, or when it was erased or does not open.

        An answer that was doubtful, or that a deficiency is about, is not carried over.
        """
        keys = self._carried(procedure)
        found = self._newest(procedure, insured_no) if keys and insured_no else None
        if found is None:
            return None
        case, versions = found
        opened = []
        try:
            for one in versions:
                env_id = bytes.fromhex(one.env_id)
                asked = Asked(
                    who.name, ACTION, REASON, case.case_id, f"version {one.number}", who.origin
                )
                record = self._vault.record(self._shelf.slip(env_id), one.device, asked)
                opened.append(OpenedVersion(env_id, one.number, record, ()))
        except (VaultError, KeyError) as refusal:
            log.warning("last_case.shut cause=%s", type(refusal).__name__)
            return None
        sure = {
            field.answer.key: field.answer.value
            for field in assemble(opened).fields
            if not field.doubtful
        }
        return LastCase(case.filing_day, tuple((key, sure[key]) for key in keys if sure.get(key)))

    def _newest(self, procedure: str, insured_no: str) -> tuple[CaseRow, list[VersionRow]] | None:
        query = (
            select(CaseRow)
            .where(
                CaseRow.insured_no == insured_no,
                CaseRow.state == CaseState.ACCEPTED.value,
                CaseRow.procedure == procedure,
            )
            .order_by(col(CaseRow.filing_day).desc(), col(CaseRow.serial).desc())
        )
        with self._database.reading() as session:
            case = session.exec(query.limit(1)).first()
            if case is None:
                return None
            versions = select(VersionRow).where(VersionRow.case_id == case.case_id)
            ordered = versions.order_by(col(VersionRow.number))
            return case, list(session.exec(ordered))
