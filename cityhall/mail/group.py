"""Group commit inside one transaction: many slips get numbers, leaves and receipts with a handful of statements."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlmodel import Session, col

from cityhall.mail import counters, losses
from cityhall.mail.arrivals import Slip, answer, digest
from cityhall.mail.bulk import insert_rows
from cityhall.mail.log import NO_NUMBER, Log, Place
from cityhall.mail.models import ArrivalTable, Arrived, PartTable
from cityhall.mail.times import fiscal_year, to_ms
from sync.ids import filing_number, filing_parts
from sync.receipt import log_leaf

journal = logging.getLogger("madobus.intake")

_KNOWN = select(
    col(ArrivalTable.env_id),
    col(ArrivalTable.filing_no),
    col(ArrivalTable.log_index),
    col(ArrivalTable.received_ms),
    col(ArrivalTable.receipt),
    col(ArrivalTable.final_receipt),
    col(ArrivalTable.slip),
).where(col(ArrivalTable.env_id).in_(bindparam("ids", expanding=True)))
_TAKEN = select(col(ArrivalTable.filing_no)).where(
    col(ArrivalTable.filing_no).in_(bindparam("numbers", expanding=True))
)


@dataclass(frozen=True, slots=True)
class Group:
    """What one transaction filed: the answers in the order of the slips, and what the log gained.

    `highest` is the highest number of the newest year it gave, (0, 0) for none.
    """

    answers: list[Arrived]
    nodes: dict[Place, bytes]
    size: int
    highest: tuple[int, int]


def file_slips(session: Session, slips: Sequence[Slip], log: Log) -> Group:
    """File slips in their order inside the caller's transaction; the same id gives the same answer."""
    known = _known(session, [slip.header.env_id for slip in slips])
    fresh: dict[bytes, Slip] = {}
    for slip in slips:
        if slip.header.env_id not in known:
            fresh.setdefault(slip.header.env_id, slip)
    size = log.measure(session)
    rows, nodes = _filed(session, list(fresh.values()), log, size) if fresh else ({}, {})
    answers = []
    for slip in slips:
        env_id = slip.header.env_id
        first = fresh.get(env_id) is slip
        row = rows.get(env_id) or known[env_id]
        answers.append(answer(row, fresh=first, same=first or digest(row["slip"]) == slip.sha256))
    highest = max((filing_parts(row["filing_no"]) for row in rows.values()), default=NO_NUMBER)
    return Group(answers, nodes, size + len(fresh), highest)


def _filed(
    session: Session, slips: Sequence[Slip], log: Log, size: int
) -> tuple[dict[bytes, dict[str, Any]], dict[Place, bytes]]:
    """Keep, number and log slips that are not here yet."""
    numbered, moved = _numbered(session, slips, log.highest)
    leaves = [
        log_leaf(slip.sha256, number) for slip, (number, _) in zip(slips, numbered, strict=True)
    ]
    rows: list[dict[str, Any]] = [
        {
            "env_id": slip.header.env_id,
            "device": slip.device,
            "kind": slip.header.kind,
            "filing_no": number,
            "log_index": index,
            "received_ms": to_ms(received_at),
            "slip": slip.data,
            "receipt": slip.receipt_for(number, index),
            "moved": moved + index - size + 1,
        }
        for index, (slip, (number, received_at)) in enumerate(
            zip(slips, numbered, strict=True), size
        )
    ]
    parts = [
        {
            "env_id": slip.header.env_id,
            "index": part.index,
            "role": part.role.value,
            "length": part.length,
            "arrived": False,
        }
        for slip in slips
        for part in slip.header.parts
    ]
    insert_rows(session, ArrivalTable, rows)
    if parts:
        insert_rows(session, PartTable, parts)
    nodes = log.append(session, leaves, size)
    return {slip.header.env_id: row for slip, row in zip(slips, rows, strict=True)}, nodes


def _numbered(
    session: Session, slips: Sequence[Slip], highest: tuple[int, int]
) -> tuple[list[tuple[str, datetime]], int]:
    """Return each slip's number and when it was received, and the arrivals counted before them.

    A number given before a restore stays the envelope's unless another has it; the year counts on behind it.
    """
    claims = [slip.earlier.filing_no for slip in slips if slip.earlier is not None]
    taken = (
        set(session.connection().execute(_TAKEN, {"numbers": claims}).scalars())
        if claims
        else set()
    )
    years = {fiscal_year(slip.received_at) for slip in slips} | {
        filing_parts(one)[0] for one in claims
    }
    _leave_out_what_was_lost(session, highest)
    count = counters.values(session, [counters.ARRIVALS, *(_of(year) for year in years)])
    moved = count[counters.ARRIVALS]
    numbered = []
    for slip in slips:
        number, received_at = _claimed(slip, count, taken) or _next(slip, count)
        taken.add(number)
        numbered.append((number, received_at))
    count[counters.ARRIVALS] += len(slips)
    counters.write(session, count)
    return numbered, moved


def _leave_out_what_was_lost(session: Session, highest: tuple[int, int]) -> None:
    """Raise a counter that stands below a number this process saw given out: a standby that was behind took over."""
    year, serial = highest
    if counters.value(session, _of(year)) < serial:
        journal.error("log.lost year=%d serial=%d skipped=%d", year, serial, losses.MARGIN)
        losses.skip(session, year, serial, losses.MARGIN)


def _claimed(slip: Slip, count: dict[str, int], taken: set[str]) -> tuple[str, datetime] | None:
    earlier = slip.earlier
    if earlier is None:
        return None
    year, serial = filing_parts(earlier.filing_no)
    count[_of(year)] = max(count[_of(year)], serial)
    return None if earlier.filing_no in taken else (earlier.filing_no, earlier.received_at)


def _next(slip: Slip, count: dict[str, int]) -> tuple[str, datetime]:
    year = fiscal_year(slip.received_at)
    count[_of(year)] += 1
    return filing_number(year, count[_of(year)]), slip.received_at


def _of(year: int) -> str:
    return f"filings-R{year}"


def _known(session: Session, ids: list[bytes]) -> dict[bytes, dict[str, Any]]:
    rows = session.connection().execute(_KNOWN, {"ids": ids}).mappings()
    return {row["env_id"]: dict(row) for row in rows}
