"""The inbox tray: letters from city hall, kept once however often they come."""

from typing import Final

from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlmodel import Session

from appliance.mail.models import Letter, MailTable
from appliance.mail.rows import InboxFullError
from appliance.mail.times import from_ms, to_ms
from sync.clock import Instant

KINDS = ("visit_pack", "correction", "answer", "key_bundle", "procedure", "revocation")
# A letter is one visit pack or one request; what is over leaves the shelf, so that this is never met in good order.
LETTERS_LIMIT = 20_000
# Letters whose body has left the shelf and whose id is remembered.
PAST_LIMIT = 20_000
# Kinds that are over with their day; of the others a letter is over once the desk has read it.
PASSING = ("visit_pack", "answer")
# Signed forms stay: whoever brings an older one is told so by the newer one that is here.
LASTING = ("procedure",)

_LETTER: Final = MailTable.metadata.tables["letter"]
_PAST: Final = MailTable.metadata.tables["past_letter"]
_KNOWN: Final = (
    select(_LETTER.c.letter_id)
    .where(_LETTER.c.letter_id == bindparam("mine"))
    .union_all(select(_PAST.c.letter_id).where(_PAST.c.letter_id == bindparam("mine")))
)
_COUNT: Final = select(func.count()).select_from(_LETTER)
_READ: Final = update(_LETTER).where(_LETTER.c.letter_id == bindparam("mine")).values(read=True)


def put_letter(session: Session, letter_id: bytes, kind: str, body: bytes, at: Instant) -> bool:
    """Keep a letter; False when it was here already."""
    if kind not in KINDS:
        raise ValueError(f"inbox: a letter's kind must be one of {', '.join(KINDS)}, not {kind!r}")
    connection = session.connection()
    if connection.execute(_KNOWN, {"mine": letter_id}).first() is not None:
        return False
    if connection.execute(_COUNT).scalar_one() >= LETTERS_LIMIT:
        raise InboxFullError(
            f"inbox: {LETTERS_LIMIT} letters are the limit; answer the requests that wait at the desk"
        )
    row = {
        "letter_id": letter_id,
        "kind": kind,
        "body": body,
        "arrived_ms": to_ms(at.wall),
        "read": False,
    }
    connection.execute(insert(_LETTER), row)
    return True


def letters(session: Session, kind: str | None, *, unread_only: bool) -> list[Letter]:
    """List letters in the order they came."""
    query = select(_LETTER).order_by(_LETTER.c.serial)
    if kind is not None:
        query = query.where(_LETTER.c.kind == kind)
    if unread_only:
        query = query.where(_LETTER.c.read.is_(False))
    return [
        Letter(row.letter_id, row.kind, row.body, from_ms(row.arrived_ms), row.read)
        for row in session.connection().execute(query)
    ]


def lengths(session: Session, limit: int) -> list[tuple[bytes, int]]:
    """List id and length of the newest `limit` letters that were ever kept and are remembered, oldest first."""
    connection = session.connection()
    past = connection.execute(
        select(_PAST.c.letter_id, _PAST.c.length).order_by(_PAST.c.serial.desc()).limit(limit)
    ).all()
    here = connection.execute(
        select(_LETTER.c.letter_id, func.length(_LETTER.c.body))
        .order_by(_LETTER.c.serial.desc())
        .limit(limit)
    ).all()
    newest_first = [(letter_id, size) for letter_id, size in [*here, *past]]
    return newest_first[:limit][::-1]


def mark_read(session: Session, letter_id: bytes) -> None:
    """Note that the desk took a letter in; an unknown one changes nothing."""
    session.connection().execute(_READ, {"mine": letter_id})


def retire(session: Session, before_ms: int, limit: int) -> int:
    """Take up to `limit` letters off the shelf that are over and came before a moment; their ids stay."""
    connection = session.connection()
    over = connection.execute(
        select(_LETTER.c.serial, _LETTER.c.letter_id, func.length(_LETTER.c.body))
        .where(_LETTER.c.arrived_ms < before_ms, _LETTER.c.kind.not_in(LASTING))
        .where(_LETTER.c.read | _LETTER.c.kind.in_(PASSING))
        .order_by(_LETTER.c.serial)
        .limit(limit)
    ).all()
    if over:
        past = [{"letter_id": letter_id, "length": size} for _, letter_id, size in over]
        connection.execute(insert(_PAST), past)
        connection.execute(
            delete(_LETTER).where(_LETTER.c.serial.in_([serial for serial, _, _ in over]))
        )
        oldest = select(_PAST.c.serial).order_by(_PAST.c.serial.desc()).offset(PAST_LIMIT).limit(1)
        connection.execute(delete(_PAST).where(_PAST.c.serial <= oldest.scalar_subquery()))
    return len(over)
