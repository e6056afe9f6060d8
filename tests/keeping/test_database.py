"""One SQLite file: durable, numbered, and closed to programs that could harm it."""

from pathlib import Path

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, text
from sqlalchemy.exc import IntegrityError

from keeping.database import Database, NewerSchemaError, Schema
from keeping.safesqlite import UnsafeSqliteError, check_version

TABLES = MetaData()
Table("one", TABLES, Column("id", Integer, primary_key=True))
SCHEMA = Schema("a made-up shelf", TABLES)


def _count(database: Database) -> int:
    with database.reading() as session:
        return int(session.connection().exec_driver_sql("SELECT count(*) FROM one").scalar_one())


def _insert(database: Database, *ids: int) -> None:
    """Insert all of them in one transaction."""
    with database.writing() as session:
        for each in ids:
            session.connection().execute(text("INSERT INTO one VALUES (:id)"), {"id": each})


@pytest.mark.parametrize("version", ["3.6.23", "3.51.3", "3.53.4", "4.0.0"])
def test_ok__a_sqlite_version(version: str) -> None:
    """Before the bug and after its repair."""
    check_version(version)


@pytest.mark.parametrize("version", ["3.7.0", "3.40.1", "3.51.2"])
def test_fail__a_sqlite_version(version: str) -> None:
    """One that can lose committed rows."""
    with pytest.raises(UnsafeSqliteError, match="WAL-reset bug"):
        check_version(version)


@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("synchronous", 2), ("secure_delete", 1), ("foreign_keys", 1)],
)
def test_every_connection_is_durable_and_forgets(
    tmp_path: Path, pragma: str, value: object
) -> None:
    """WAL, FULL, deleted rows overwritten, references checked."""
    with Database(tmp_path / "db", SCHEMA).reading() as session:
        found = session.connection().exec_driver_sql(f"PRAGMA {pragma}").scalar_one()
    assert found == value


def test_a_transaction_that_fails_changes_nothing(tmp_path: Path) -> None:
    """Both rows or neither."""
    database = Database(tmp_path / "db", SCHEMA)
    with pytest.raises(IntegrityError):
        _insert(database, 1, 1)
    assert _count(database) == 0


def test_a_failure_s_text_carries_no_value(tmp_path: Path) -> None:
    """A name on its way into a row must not end in a log."""
    database = Database(tmp_path / "db", SCHEMA)
    with pytest.raises(IntegrityError) as failure:
        _insert(database, 4711, 4711)
    assert "4711" not in str(failure.value)


def test_fail__a_file_of_a_newer_program(tmp_path: Path) -> None:
    """It is not touched."""
    Database(tmp_path / "db", Schema("a made-up shelf", TABLES, 3)).close()
    with pytest.raises(NewerSchemaError, match="schema 3 is newer than this program's 1"):
        Database(tmp_path / "db", SCHEMA)


def test_an_older_file_is_led_to_the_new_number(tmp_path: Path) -> None:
    """Step by step, with what it holds."""
    old = Database(tmp_path / "db", SCHEMA)
    _insert(old, 7)
    old.close()
    steps = {
        1: "ALTER TABLE one ADD COLUMN two INTEGER",
        2: "ALTER TABLE one ADD COLUMN three INTEGER",
    }
    new = Database(tmp_path / "db", Schema("a made-up shelf", TABLES, 3, steps))
    with new.reading() as session:
        row = session.connection().exec_driver_sql("SELECT id, two, three FROM one").one()
    assert tuple(row) == (7, None, None)


def test_lasting_lines_hold_at_every_start(tmp_path: Path) -> None:
    """A trigger that forbids forgetting."""
    trigger = (
        "CREATE TRIGGER IF NOT EXISTS one_stays BEFORE DELETE ON one "
        "BEGIN SELECT RAISE(ABORT, 'rows stay'); END"
    )
    database = Database(tmp_path / "db", Schema("a made-up shelf", TABLES, lasting=(trigger,)))
    _insert(database, 1)
    with pytest.raises(IntegrityError, match="rows stay"), database.writing() as session:
        session.connection().exec_driver_sql("DELETE FROM one")
    assert _count(database) == 1
