"""What a database of this house offers, and the one that is a SQLite file: what must hold before anybody writes."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import pysqlite3.dbapi2 as sqlite
from sqlalchemy import Engine, MetaData, create_engine, event
from sqlalchemy.engine import Connection
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from keeping.away import away, told_plainly
from keeping.safesqlite import check_version

BUSY_MS = 5000


class NewerSchemaError(RuntimeError):
    """A newer program wrote the file; an older one must not touch it."""


@dataclass(frozen=True, slots=True)
class Schema:
    """What a file holds: its tables, its number, the SQL from each older number to the next, lasting SQL."""

    name: str
    tables: MetaData
    number: int = 1
    steps: Mapping[int, str] = field(default_factory=dict)
    lasting: Sequence[str] = ()


class Shelf(Protocol):
    """A database with its tables made: a file on this machine, or a server that machines share."""

    def reading(self) -> AbstractContextManager[Session]:
        """Give one consistent view; nothing is written."""

    def writing(self) -> AbstractContextManager[Session]:
        """Give one transaction that no other writer stands beside, at this machine or another."""

    def adding(self) -> AbstractContextManager[Session]:
        """Give one transaction beside other writers: for rows that have one writer, and for single statements."""

    def empty_log(self) -> bool:
        """Let nothing deleted stand in the log beside the data, as far as this side can; False when it cannot."""

    def close(self) -> None:
        """Let go of every connection."""


class Database:
    """Opens `path` in WAL mode with full synchronisation; hands out reading and writing sessions."""

    def __init__(self, path: Path, schema: Schema) -> None:
        check_version(sqlite.sqlite_version)
        self.path = path
        # A failure's text must never carry what was to be written.
        self._engine = create_engine(f"sqlite:///{path}", module=sqlite, hide_parameters=True)
        event.listen(self._engine, "connect", _prepare)
        event.listen(self._engine, "begin", _begin)
        with _told():
            self._create(schema)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Give one consistent view; nothing is written. Raises DatabaseAwayError."""
        with _told(), Session(self._engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Give one transaction that holds the write lock from its first word; commits at the end or not at all.

        Raises DatabaseAwayError when the disk takes nothing, or another program holds the lock for too long.
        """
        with (
            _told(),
            self._writer().connect() as connection,
            connection.begin(),
            Session(connection, expire_on_commit=False) as session,
        ):
            yield session
            session.flush()

    def adding(self) -> AbstractContextManager[Session]:
        """Give one transaction; a file has one writer at a time."""
        return self.writing()

    def close(self) -> None:
        """Let go of every connection."""
        self._engine.dispose()

    def empty_log(self) -> bool:
        """Put the write-ahead log into the file and cut it to nothing, so that no deleted row stands in it.

        False when somebody read for longer than BUSY_MS: what they read stays until the next time.
        """
        return self._aside("PRAGMA wal_checkpoint(TRUNCATE)") == 0

    def compact(self) -> bool:
        """Write the file anew without a byte of what was deleted, then `empty_log`."""
        self._aside("VACUUM")
        return self.empty_log()

    def _aside(self, line: str) -> int:
        """Run what must stand outside every transaction; returns the first number it answers, 0 for none."""
        with _told():
            connection = self._engine.raw_connection()
            try:
                answer = connection.cursor().execute(line).fetchone()
            finally:
                connection.close()
        return 0 if answer is None else int(answer[0])

    def _writer(self) -> Engine:
        return self._engine.execution_options(writes=True)

    def _create(self, schema: Schema) -> None:
        with self._writer().connect() as connection, connection.begin():
            found = int(connection.exec_driver_sql("PRAGMA user_version").scalar_one())
            if found > schema.number:
                raise NewerSchemaError(
                    f"{schema.name}: schema {found} is newer than this program's {schema.number}; "
                    "install the newer madobus again"
                )
            for number in range(found or schema.number, schema.number):
                connection.exec_driver_sql(schema.steps[number])
            schema.tables.create_all(connection)
            for line in schema.lasting:
                connection.exec_driver_sql(line)
            # A full disk can still be opened when there is nothing to write.
            if found != schema.number:
                connection.exec_driver_sql(f"PRAGMA user_version = {schema.number}")


@contextmanager
def _told() -> Iterator[None]:
    """Turn what the disk did into one error that says: nothing is written, try again."""
    try:
        with told_plainly():
            yield
    except OperationalError as error:
        if (told := away(error.orig)) is not None:
            raise told from error
        raise


def _prepare(connection: Any, _record: object) -> None:
    # The driver's own implicit BEGIN is switched off; `_begin` says what a transaction is.
    connection.isolation_level = None
    for line in (
        "journal_mode = WAL",
        "synchronous = FULL",
        "secure_delete = ON",
        f"busy_timeout = {BUSY_MS}",
        "foreign_keys = ON",
    ):
        connection.execute(f"PRAGMA {line}")


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
