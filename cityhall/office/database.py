"""Opens office.db: one SQLite file that is durable at every commit and has a numbered schema."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pysqlite3.dbapi2 as sqlite
from sqlalchemy import Engine, event
from sqlalchemy.pool import QueuePool
from sqlmodel import Session, create_engine

from cityhall.office import models

SCHEMA = 2
# What leads from a schema to the next one; a file of schema 1 does not know city hall's signed time.
_STEPS = {1: 'ALTER TABLE "case" ADD COLUMN not_before DATETIME'}
BUSY_MS = 5000
# SQLite before this version can lose a WAL reset when two connections write (sqlite.org, 3.51.3).
OLDEST_SQLITE = (3, 51, 3)

# The audit is append-only: the database itself refuses to change or forget a line.
_APPEND_ONLY = """
CREATE TRIGGER IF NOT EXISTS audit_no_{verb} BEFORE {verb} ON audit_line
BEGIN SELECT RAISE(ABORT, 'audit lines are written once'); END
"""


class DatabaseError(Exception):
    """office.db cannot be used as it is."""


class Database:
    """The office's own file. Every `with database.change()` is one transaction, on disk when it ends."""

    def __init__(self, folder: Path) -> None:
        require_sqlite(sqlite.sqlite_version_info)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.path = folder / "office.db"
        self._engine = _engine(self.path)
        self._reader = self._engine.execution_options(looks_only=True)
        with self._engine.begin() as connection:
            found = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
            if found not in (0, *_STEPS, SCHEMA):
                raise DatabaseError(
                    f"{self.path}: this program knows schema {SCHEMA}, the file has {found}; "
                    "start the program version that wrote it"
                )
            for number in range(found or SCHEMA, SCHEMA):
                connection.exec_driver_sql(_STEPS[number])
            models.OfficeTable.metadata.create_all(connection)
            for verb in ("UPDATE", "DELETE"):
                connection.exec_driver_sql(_APPEND_ONLY.format(verb=verb))
            connection.exec_driver_sql(f"PRAGMA user_version={SCHEMA}")
        self.path.chmod(0o600)

    @contextmanager
    def change(self) -> Iterator[Session]:
        """Yield a session that writes; commits durably at the end, changes nothing on an error."""
        with Session(self._engine, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Yield a session that only looks."""
        with Session(self._reader, expire_on_commit=False) as session:
            yield session

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()


def require_sqlite(version: tuple[int, ...]) -> None:
    """Refuse a SQLite that can lose a committed row; raises DatabaseError naming the remedy."""
    if version < OLDEST_SQLITE:
        raise DatabaseError(
            f"office: needs SQLite {'.'.join(map(str, OLDEST_SQLITE))} or newer, "
            f"found {'.'.join(map(str, version))}; install the locked pysqlite3"
        )


def _engine(path: Path) -> Engine:
    engine = create_engine(
        f"sqlite:///{path}",
        module=sqlite,
        hide_parameters=True,  # a failure's text ends up in logs and must not carry names
        poolclass=QueuePool,
        connect_args={"check_same_thread": False, "timeout": BUSY_MS / 1000},
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        # The driver's own implicit BEGIN is switched off; `begin` below says what it means.
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "secure_delete=ON",
            f"busy_timeout={BUSY_MS}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        # IMMEDIATE takes the write lock at once, so that reading the chain's end and adding to it is one step.
        looks_only = connection.get_execution_options().get("looks_only", False)
        connection.exec_driver_sql("BEGIN" if looks_only else "BEGIN IMMEDIATE")

    return engine
