"""The inbox tray: letters from city hall, kept once however often they come."""

from sqlmodel import Session, col, select

from appliance.mail.models import Letter, LetterTable
from appliance.mail.times import from_ms, to_ms
from sync.clock import Instant

KINDS = ("visit_pack", "correction", "key_bundle", "procedure", "revocation")
# A letter is one visit pack or one request; ten years of them stay far below this.
LETTERS_LIMIT = 20_000


class InboxFullError(RuntimeError):
    """The inbox holds as many letters as it may; old ones have to be removed first."""


def put_letter(session: Session, letter_id: bytes, kind: str, body: bytes, at: Instant) -> bool:
    """Keep a letter; False when it was here already."""
    if kind not in KINDS:
        raise ValueError(f"inbox: a letter's kind must be one of {', '.join(KINDS)}, not {kind!r}")
    known = session.exec(select(LetterTable.serial).where(LetterTable.letter_id == letter_id))
    if known.first() is not None:
        return False
    newest = session.exec(select(LetterTable.serial).order_by(col(LetterTable.serial).desc()))
    if (newest.first() or 0) >= LETTERS_LIMIT:
        raise InboxFullError(f"inbox: {LETTERS_LIMIT} letters are the limit; start a new shelf")
    session.add(LetterTable(letter_id=letter_id, kind=kind, body=body, arrived_ms=to_ms(at.wall)))
    return True


def letters(session: Session, kind: str | None, *, unread_only: bool) -> list[Letter]:
    """List letters in the order they came."""
    query = select(LetterTable).order_by(col(LetterTable.serial))
    if kind is not None:
        query = query.where(LetterTable.kind == kind)
    if unread_only:
        query = query.where(col(LetterTable.read).is_(False))
    return [
        Letter(row.letter_id, row.kind, row.body, from_ms(row.arrived_ms), row.read)
        for row in session.exec(query)
    ]


def mark_read(session: Session, letter_id: bytes) -> None:
    """Note that the desk took a letter in; an unknown one changes nothing."""
    row = session.exec(select(LetterTable).where(LetterTable.letter_id == letter_id)).first()
    if row is not None:
        row.read = True
        session.add(row)
