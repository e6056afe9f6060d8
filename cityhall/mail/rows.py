"""Half items as rows, for intakes that share no folder: a box goes on at another intake from the same byte."""

import time
from collections.abc import Callable, Sequence
from typing import Final

from sqlalchemy import bindparam, delete, text, tuple_
from sqlmodel import Session, col

from cityhall.mail.models import PieceTable
from keeping.away import DatabaseAwayError
from keeping.database import Shelf

# Two sessions of one box may write the same item for a moment; each then sees what the other kept.
RACE_LIMIT: Final = 8
# Envelopes forgotten by one statement.
SWEEP_LIMIT: Final = 1000

_LENGTH = text(
    "SELECT start + length(data) FROM piece WHERE device = :device AND env_id = :env_id AND item = :item"
    " ORDER BY start DESC LIMIT 1"
)
_KEEP = text(
    "INSERT INTO piece (device, env_id, item, start, data, kept_ms)"
    " VALUES (:device, :env_id, :item, :start, :data, :kept_ms) ON CONFLICT DO NOTHING"
)
_LENGTHS = text(
    "SELECT item, max(start + length(data)) FROM piece WHERE device = :device AND env_id = :env_id GROUP BY item"
)
_READ = text(
    "SELECT data FROM piece WHERE device = :device AND env_id = :env_id AND item = :item ORDER BY start"
)
_DROP_ALL = delete(PieceTable).where(
    tuple_(col(PieceTable.device), col(PieceTable.env_id)).in_(
        bindparam("envelopes", expanding=True)
    )
)
_DROP = _DROP_ALL.where(col(PieceTable.item) == bindparam("item"))
_ENVELOPES = text("SELECT count(DISTINCT env_id) FROM piece WHERE device = :device")
_OLD = text(
    "SELECT device, env_id FROM piece GROUP BY device, env_id HAVING max(kept_ms) < :kept_ms"
)


class RowPieces:
    """Half items as rows of `shelf`; what is kept is never written over, a piece adds what is new in it."""

    def __init__(self, shelf: Shelf, now: Callable[[], float] = time.time) -> None:
        self._shelf = shelf
        self._now = now

    def write(self, device: str, env_id: bytes, item: int, offset: int, data: bytes) -> int:
        """Add what a piece at `offset` has beyond the item's length and return it, durable; a gap raises ValueError."""
        of = {"device": device, "env_id": env_id, "item": item}
        with self._shelf.adding() as session:
            for _ in range(RACE_LIMIT):
                length = _length(session, of)
                if offset > length:
                    raise ValueError(
                        f"pieces: a piece at {offset} leaves a gap after {length} bytes"
                    )
                if offset + len(data) <= length:
                    return length
                row = {**of, "start": length, "data": data[length - offset :]}
                session.connection().execute(_KEEP, {**row, "kept_ms": int(self._now() * 1000)})
        raise DatabaseAwayError("pieces: two sessions of one box write the same item; try again")

    def lengths(self, device: str, env_id: bytes) -> dict[int, int]:
        """Return how many bytes are here of each half item of an envelope."""
        with self._shelf.reading() as session:
            rows = session.connection().execute(_LENGTHS, {"device": device, "env_id": env_id})
            return {int(item): int(length) for item, length in rows}

    def read(self, device: str, env_id: bytes, item: int) -> bytes:
        """Return what is here of an item."""
        of = {"device": device, "env_id": env_id, "item": item}
        with self._shelf.reading() as session:
            return b"".join(bytes(one) for one in session.connection().execute(_READ, of).scalars())

    def drop(self, envelopes: Sequence[tuple[str, bytes]], item: int | None = None) -> None:
        """Forget an item (or all) of these (box, id); a second time is harmless."""
        with self._shelf.adding() as session:
            gone = _DROP_ALL if item is None else _DROP
            session.connection().execute(gone, {"envelopes": list(envelopes), "item": item})

    def envelopes(self, device: str) -> int:
        """Return how many envelopes of a box are half here."""
        with self._shelf.reading() as session:
            return int(session.connection().execute(_ENVELOPES, {"device": device}).scalar_one())

    def sweep(self, older_than: float) -> int:
        """Forget what nobody sent anything of since `older_than` (POSIX seconds); returns how many envelopes."""
        with self._shelf.writing() as session:
            found = session.connection().execute(_OLD, {"kept_ms": int(older_than * 1000)}).all()
            for start in range(0, len(found), SWEEP_LIMIT):
                some = [(device, env_id) for device, env_id in found[start : start + SWEEP_LIMIT]]
                session.connection().execute(_DROP_ALL, {"envelopes": some})
        return len(found)


def _length(session: Session, of: dict[str, object]) -> int:
    return int(session.connection().execute(_LENGTH, of).scalar() or 0)
