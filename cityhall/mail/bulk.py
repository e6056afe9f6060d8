"""Inserting many rows with one statement: as columns where the database takes arrays, row by row where it does not."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Dialect, Table, TextClause, insert, text
from sqlmodel import Session

from cityhall.mail.models import HallTable

STATEMENTS_LIMIT: Final = 32


def insert_rows(
    session: Session, table: type[HallTable], rows: Sequence[Mapping[str, Any]]
) -> None:
    """Insert rows that all have the same columns; PostgreSQL is spoken to once, and its lock is held for less."""
    connection = session.connection()
    if connection.dialect.name != "postgresql":
        connection.execute(insert(table), rows)
        return
    columns = tuple(rows[0])
    arrays = {name: [row[name] for row in rows] for name in columns}
    connection.execute(_statement(table, columns, connection.dialect), arrays)


@lru_cache(STATEMENTS_LIMIT)
def _statement(table: type[HallTable], columns: tuple[str, ...], dialect: Dialect) -> TextClause:
    names = ", ".join(f'"{name}"' for name in columns)
    made: Table = table.metadata.tables[str(table.__tablename__)]
    kinds = {name: made.c[name].type.compile(dialect) for name in columns}
    arrays = ", ".join(f"CAST(:{name} AS {kinds[name]}[])" for name in columns)
    return text(f'INSERT INTO "{made.name}" ({names}) SELECT * FROM unnest({arrays})')  # noqa: S608 - our own names
