"""The database that several machines share: PostgreSQL, with the same transactions as the file of one machine."""

import hashlib
import select
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import psycopg
from sqlalchemy import create_engine, event, make_url, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlmodel import Session

from keeping.away import DatabaseAwayError
from keeping.database import NewerSchemaError, Schema

CONNECT_S: Final = 5
# A peer that vanished without a word is left after so long; a stuck one lets go of its locks after so long.
VANISHED_MS: Final = 10_000
STUCK_MS: Final = 30_000
LOCK_MS: Final = 15_000
POOL: Final = 8
POOL_MORE: Final = 24
# What passes by itself or by the city's operations: the line, the server's end, its limits, a conflict it undid.
PASSING: Final = (psycopg.OperationalError, psycopg.InterfaceError, psycopg.InternalError)

_LOCK = text("SELECT pg_advisory_xact_lock(:key)")


class PostgresDatabase:
    """Opens `url` (postgresql://user@host/name, no password in it) and makes the schema's tables once.

    libpq finds the password: PGPASSWORD, PGPASSFILE or ~/.pgpass.
    """

    def __init__(self, url: str, schema: Schema) -> None:
        address = make_url(url).set(drivername="postgresql+psycopg")
        self._key = _lock_key(schema.name)
        self._engine = create_engine(
            address,
            # A failure's text must never carry what was to be written.
            hide_parameters=True,
            pool_size=POOL,
            max_overflow=POOL_MORE,
            pool_timeout=CONNECT_S,
            connect_args={
                "connect_timeout": CONNECT_S,
                "keepalives_idle": VANISHED_MS // 1000,
                "tcp_user_timeout": VANISHED_MS,
                "application_name": "madobus",
                "options": (
                    f"-c synchronous_commit=on -c lock_timeout={LOCK_MS}"
                    f" -c statement_timeout={STUCK_MS}"
                    f" -c idle_in_transaction_session_timeout={STUCK_MS}"
                ),
            },
        )
        event.listen(self._engine, "checkout", _alive)
        self._views = self._engine.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )
        try:
            with _told():
                self._create(schema)
        except BaseException:
            self.close()
            raise

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Give one consistent view; raises DatabaseAwayError."""
        with _told(), Session(self._views, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Give one transaction that holds the write lock of all machines; commits at the end or not at all.

        Raises DatabaseAwayError; when the connection goes while committing, nobody knows which.
        """
        with self._transaction() as session:
            session.connection().execute(_LOCK, {"key": self._key})
            yield session

    @contextmanager
    def adding(self) -> Iterator[Session]:
        """Give one transaction beside other writers; raises DatabaseAwayError."""
        with self._transaction() as session:
            yield session

    def empty_log(self) -> bool:
        """Return False: old row versions and the server's own log go by the operator's VACUUM and its archive's age."""
        return False

    def close(self) -> None:
        """Let go of every connection; one that a thread still works on is closed when it comes back."""
        event.listen(self._engine.pool, "checkin", _end)
        self._engine.dispose()

    @contextmanager
    def _transaction(self) -> Iterator[Session]:
        with (
            _told(),
            self._engine.connect() as connection,
            connection.begin(),
            Session(connection, expire_on_commit=False) as session,
        ):
            yield session
            session.flush()

    def _create(self, schema: Schema) -> None:
        """Make the tables under the write lock: of two that start together one makes them, the other finds them."""
        with self._engine.connect() as connection, connection.begin():
            connection.execute(_LOCK, {"key": self._key})
            connection.exec_driver_sql(
                "CREATE TABLE IF NOT EXISTS schema_number (name VARCHAR PRIMARY KEY, number INTEGER NOT NULL)"
            )
            found = _number(connection, schema.name)
            if found > schema.number:
                raise NewerSchemaError(
                    f"{schema.name}: schema {found} is newer than this program's {schema.number}; "
                    "install the newer madobus again"
                )
            for number in range(found or schema.number, schema.number):
                connection.exec_driver_sql(schema.steps[number])
            if found < schema.number:
                schema.tables.create_all(connection)
            connection.execute(
                text(
                    "INSERT INTO schema_number (name, number) VALUES (:name, :number)"
                    " ON CONFLICT (name) DO UPDATE SET number = excluded.number"
                ),
                {"name": schema.name, "number": schema.number},
            )


def _number(connection: Connection, name: str) -> int:
    asked = text("SELECT number FROM schema_number WHERE name = :name")
    return int(connection.execute(asked, {"name": name}).scalar() or 0)


def _lock_key(name: str) -> int:
    """Return the advisory lock of a schema: one number for every machine."""
    return int.from_bytes(
        hashlib.sha256(f"madobus/{name}".encode()).digest()[:8], "big", signed=True
    )


def _alive(connection: Any, _record: object, _proxy: object) -> None:
    """Ask the pool for another connection when the server has closed this one; costs no round trip."""
    socket = connection.pgconn.socket if not connection.closed else -1
    if socket < 0:
        raise DisconnectionError
    poll = select.poll()
    poll.register(socket, select.POLLIN)
    if poll.poll(0):  # an idle connection has nothing to say but that it ends
        raise DisconnectionError


def _end(connection: Any, _record: object) -> None:
    """End a connection that comes back to a pool nobody asks any more; None was ended already."""
    if connection is not None:
        connection.close()


@contextmanager
def _told() -> Iterator[None]:
    """Turn what the server or the way to it did into one error that says: try again."""
    try:
        yield
    except (DBAPIError, PoolTimeoutError, DisconnectionError) as error:
        cause = getattr(error, "orig", None)
        if isinstance(error, DBAPIError) and not isinstance(cause, PASSING):
            raise
        raise DatabaseAwayError(
            f"database: {type(cause or error).__name__}; the city's operations look after it"
        ) from error
