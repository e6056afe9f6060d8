"""The standards door's uploads: which item a client opened, under which name, and how often it did not match."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, delete, func, select

from cityhall.mail.models import UploadTable
from cityhall.mail.times import from_ms, to_ms
from keeping.database import Shelf

# An upload's name holds so long; the bytes themselves stay longer, and a new name goes on from them.
UPLOAD_AGE: Final = timedelta(days=7)
# Uploads of one box that are remembered at a time.
UPLOADS_LIMIT: Final = 65_536


@dataclass(frozen=True, slots=True)
class Opened:
    """What is remembered of one upload."""

    token: str
    length: int
    mismatches: int
    expires: datetime


class TooManyUploadsError(RuntimeError):
    """A box opened more uploads than any honest one has."""


class Uploads:
    """The open uploads of every box, shared by all intakes on one shelf."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    def open(
        self, device: str, env_id: bytes, item: int, *, length: int, token: str, at: datetime
    ) -> Opened:
        """Open an item under `token`, or return it as it is open already; raises TooManyUploadsError."""
        try:
            return self._open((device, env_id, item), length, token, at)
        except IntegrityError:
            # Another intake opened it in the same moment; its row is the one that counts.
            return self._open((device, env_id, item), length, token, at)

    def find(self, device: str, env_id: bytes, item: int, at: datetime) -> Opened | None:
        """Return an upload that is open, or None when it never was, is closed or is too old."""
        with self._shelf.reading() as session:
            row = session.get(UploadTable, (device, env_id, item))
            if row is None or not row.token or _expires(row) <= at:
                return None
            return _opened(row)

    def tell_length(self, device: str, env_id: bytes, item: int, length: int) -> None:
        """Remember a length that was not known when the upload was opened."""
        with self._shelf.adding() as session:
            row = session.get(UploadTable, (device, env_id, item))
            if row is not None:
                row.length = length
                session.add(row)

    def close(self, device: str, env_id: bytes, item: int, *, mismatched: bool = False) -> int:
        """Take an upload's name away; returns how often the item came whole and did not match."""
        with self._shelf.adding() as session:
            row = session.get(UploadTable, (device, env_id, item))
            if row is None:
                return 0
            row.token = ""
            row.mismatches += mismatched
            session.add(row)
            return row.mismatches

    def forget(self, device: str, env_id: bytes, item: int) -> bool:
        """Forget an upload and its count; returns whether there was one, open or closed."""
        with self._shelf.adding() as session:
            row = session.get(UploadTable, (device, env_id, item))
            if row is not None:
                session.delete(row)
            return row is not None

    def _open(self, key: tuple[str, bytes, int], length: int, token: str, at: datetime) -> Opened:
        with self._shelf.adding() as session:
            row = session.get(UploadTable, key)
            if row is None:
                _make_room(session, key[0], at)
                row = UploadTable(
                    device=key[0], env_id=key[1], item=key[2], token=token, length=0, made_ms=0
                )
            if not row.token or _expires(row) <= at:
                row.token, row.length = token, length
            row.length = row.length or length
            row.made_ms = to_ms(at)
            session.add(row)
            session.flush()
            return _opened(row)


def _make_room(session: Session, device: str, at: datetime) -> None:
    """Forget what is too old of a box, and refuse when too much is left."""
    count = select(func.count()).where(UploadTable.device == device)
    if session.exec(count).one() < UPLOADS_LIMIT:
        return
    old = to_ms(at - UPLOAD_AGE)
    session.exec(
        delete(UploadTable).where(
            col(UploadTable.device) == device, col(UploadTable.made_ms) <= old
        )
    )
    if session.exec(count).one() >= UPLOADS_LIMIT:
        raise TooManyUploadsError(f"hall shelf: {UPLOADS_LIMIT} uploads of one box")


def _expires(row: UploadTable) -> datetime:
    return from_ms(row.made_ms) + UPLOAD_AGE


def _opened(row: UploadTable) -> Opened:
    return Opened(row.token, row.length, row.mismatches, _expires(row))
