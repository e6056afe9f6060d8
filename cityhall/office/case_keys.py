"""keys.db: one key for each application, in a file of its own that no backup of the cases holds.

The first time an envelope is opened its data key is wrapped again under its application's key. What
is wrapped lies in office.db; the key lies here and nowhere else, so that deleting one row erases the
application from the shelf, from every backup of it and from whatever was recorded on the way.
"""

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import MetaData
from sqlmodel import Field, Session, SQLModel, col, delete, select

from cityhall.office.models import ErasureRow, WrappedKeyRow
from keeping.database import Database, Schema
from sync.casekey import KEY_BYTES, CaseKey
from sync.errors import SealError

# Stages of an erasure (cityhall.office.erasure) in which a case's key may never come back.
GOING = ("confirmed", "erased")


class KeyTable(SQLModel):
    """What the tables of keys.db have in common: their own list."""

    metadata = MetaData()


class CaseKeyRow(KeyTable, table=True):
    """The key of one application: 32 random bytes."""

    __tablename__ = "case_key"

    case_id: str = Field(primary_key=True)
    secret: bytes


KEYS = Schema("keys.db", KeyTable.metadata)


class CaseErasedError(ValueError):
    """An application that was erased is kept no second time, nor anything of it."""


class KeysBusyError(RuntimeError):
    """Somebody reads keys.db for so long that a deleted key could not be cleared out of it."""


def open_keys(folder: Path) -> Database:
    """Open keys.db in its own folder; raises UnsafeSqliteError or NewerSchemaError."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / "keys.db"
    found = Database(path, KEYS)
    path.chmod(0o600)
    return found


class CaseKeys:
    """The applications' keys (keys.db) and the data keys wrapped under them (office.db)."""

    def __init__(self, keys: Database, office: Database, random: Callable[[int], bytes]) -> None:
        self._keys = keys
        self._office = office
        self._random = random

    def data_key(self, env_id: bytes) -> bytes | None:
        """Return an envelope's data key; None when it was never taken in, or its application's key is gone."""
        with self._office.reading() as session:
            row = session.get(WrappedKeyRow, env_id.hex())
        key = None if row is None else self._key(row.case_id)
        if row is None or key is None:
            return None
        try:
            return key.unwrap(row.wrapped, env_id)
        except SealError:
            return None  # keys.db was lost and made anew: the opening keys are asked once more

    def keep(self, env_id: bytes, case_id: str, data_key: bytes) -> None:
        """Wrap an envelope's data key under its application's key; durable on return, harmless twice.

        Raises CaseErasedError: an application that was erased gets no key again.
        """
        self._check(case_id)
        wrapped = self._made(case_id).wrap(data_key, env_id, self._random)
        try:
            with self._office.writing() as session:
                # Looked at again inside the transaction: an erasure may have been confirmed meanwhile.
                _refuse_erased(session, case_id)
                session.merge(WrappedKeyRow(env_id=env_id.hex(), case_id=case_id, wrapped=wrapped))
        except CaseErasedError:
            self.erase(case_id)
            raise

    def key_id(self, case_id: str) -> bytes | None:
        """Return the id of an application's key: eight bytes of hash; None when there is none."""
        key = self._key(case_id)
        return None if key is None else key.key_id

    def erase(self, case_id: str) -> None:
        """Delete an application's key and leave no byte of it in the file or beside it; harmless twice.

        Raises KeysBusyError when somebody reads keys.db for longer than a moment: then it is not erased yet.
        """
        with self._keys.writing() as session:
            session.exec(delete(CaseKeyRow).where(col(CaseKeyRow.case_id) == case_id))
        if not self._keys.compact():
            raise KeysBusyError(
                "keys.db: a deleted key may still stand in its log, because somebody reads the file; "
                "close what reads it, the next start of the office erases on"
            )

    def _key(self, case_id: str) -> CaseKey | None:
        with self._keys.reading() as session:
            row = session.get(CaseKeyRow, case_id)
        return None if row is None else CaseKey(row.secret)

    def _made(self, case_id: str) -> CaseKey:
        with self._keys.writing() as session:
            row = session.get(CaseKeyRow, case_id)
            if row is None:
                row = CaseKeyRow(case_id=case_id, secret=self._random(KEY_BYTES))
                session.add(row)
            return CaseKey(row.secret)

    def _check(self, case_id: str) -> None:
        with self._office.reading() as session:
            _refuse_erased(session, case_id)


def _refuse_erased(session: Session, case_id: str) -> None:
    going = select(ErasureRow.case_id).where(
        ErasureRow.case_id == case_id, col(ErasureRow.stage).in_(GOING)
    )
    if session.exec(going).first() is not None:
        raise CaseErasedError(f"case keys: {case_id} was erased; what belongs to it stays shut")
