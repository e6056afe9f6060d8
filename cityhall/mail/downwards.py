"""The tray for the way down: letters to the buses, and the parts a caseworker waits for."""

from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from cityhall.mail import counters
from cityhall.mail.models import ArrivalTable, LetterTable, OutLetter, PartTable, PullTable
from cityhall.mail.times import to_ms

# The order in which letters go down: what protects first, then what a visit needs.
KINDS = ("revocation", "key_bundle", "correction", "answer", "visit_pack", "procedure")
BODY_LIMIT = 8 * 1024 * 1024
# Letters one bus has not fetched yet; above it posting is refused with a sentence.
UNDELIVERED_LIMIT = 1000
PULLS_LIMIT = 1000


class TrayFullError(RuntimeError):
    """Too much waits for one bus; it has to come into contact first."""


def post(session: Session, device: str, new: OutLetter, at: datetime | None) -> bool:
    """Put a letter into a bus's tray; False when this id is there already for that bus."""
    if new.kind not in KINDS:
        raise ValueError(f"letter: the kind must be one of {', '.join(KINDS)}, not {new.kind!r}")
    if len(new.body) > BODY_LIMIT:
        raise ValueError(f"letter: {BODY_LIMIT} bytes are the limit, this has {len(new.body)}")
    same = (LetterTable.letter_id == new.letter_id, LetterTable.device == device)
    if session.exec(select(LetterTable.serial).where(*same)).first() is not None:
        return False
    if len(waiting(session, device)) >= UNDELIVERED_LIMIT:
        raise TrayFullError(f"letter: {UNDELIVERED_LIMIT} letters wait for {device} already")
    session.add(
        LetterTable(
            letter_id=new.letter_id,
            device=device,
            kind=new.kind,
            body=new.body,
            posted_ms=None if at is None else to_ms(at),
        )
    )
    counters.bump(session, counters.DOWNWARDS)
    return True


def waiting(session: Session, device: str) -> list[bytes]:
    """Name the letters a bus has not confirmed, in the order they go down."""
    query = select(LetterTable.kind, LetterTable.serial, LetterTable.letter_id).where(
        LetterTable.device == device, col(LetterTable.delivered_ms).is_(None)
    )
    rows = sorted(session.exec(query), key=lambda row: (KINDS.index(row[0]), row[1] or 0))
    return [letter_id for _, _, letter_id in rows]


def letter(session: Session, device: str, letter_id: bytes) -> OutLetter | None:
    """Return one letter of a bus."""
    query = select(LetterTable).where(
        LetterTable.letter_id == letter_id, LetterTable.device == device
    )
    row = session.exec(query).first()
    return None if row is None else OutLetter(row.letter_id, row.kind, row.body)


def delivered(session: Session, device: str, letter_id: bytes, at: datetime) -> bool:
    """Note that a bus holds a letter; False for a stranger's letter or the second time."""
    query = select(LetterTable).where(
        LetterTable.letter_id == letter_id,
        LetterTable.device == device,
        col(LetterTable.delivered_ms).is_(None),
    )
    row = session.exec(query).first()
    if row is None:
        return False
    row.delivered_ms = to_ms(at)
    session.add(row)
    return True


def pull(session: Session, env_id: bytes, index: int) -> bool:
    """Note that a caseworker waits for a part; False when it is here or asked for already."""
    part = session.get(PartTable, (env_id, index))
    if part is None:
        raise KeyError(f"pull: envelope {env_id.hex()} has no part {index}")
    if part.arrived or session.get(PullTable, (env_id, index)) is not None:
        return False
    if session.exec(select(func.count()).select_from(PullTable)).one() >= PULLS_LIMIT:
        raise TrayFullError(f"pull: {PULLS_LIMIT} parts are waited for already")
    session.add(PullTable(env_id=env_id, index=index))
    counters.bump(session, counters.DOWNWARDS)
    return True


def pulls(session: Session, device: str) -> list[tuple[bytes, int]]:
    """List (env_id, part index) waited for from one bus."""
    query = (
        select(PullTable.env_id, PullTable.index)
        .join(ArrivalTable, col(ArrivalTable.env_id) == col(PullTable.env_id))
        .where(ArrivalTable.device == device)
    )
    return list(session.exec(query))
