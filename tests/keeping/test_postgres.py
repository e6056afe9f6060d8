"""The database that machines share: made once, one writer at a time, and away for a while is not lost."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, text
from sqlalchemy.exc import IntegrityError

from keeping.away import DatabaseAwayError
from keeping.database import NewerSchemaError, Schema
from keeping.postgres import PostgresDatabase
from tests.support.postgres import Postgres

TABLES = MetaData()
Table("one", TABLES, Column("id", Integer, primary_key=True))
SCHEMA = Schema("a made-up shelf", TABLES)


def count(database: PostgresDatabase) -> int:
    """Return the number of rows."""
    with database.reading() as session:
        return int(session.connection().execute(text("SELECT count(*) FROM one")).scalar_one())


def insert(database: PostgresDatabase, *ids: int) -> None:
    """Insert all of them in one transaction."""
    with database.writing() as session:
        for each in ids:
            session.connection().execute(text("INSERT INTO one VALUES (:id)"), {"id": each})


def test_of_two_that_start_together_one_makes_the_tables(postgres: Postgres) -> None:
    """The other finds them."""
    url = postgres.database()
    with ThreadPoolExecutor(4) as starting:
        made = list(starting.map(lambda _: PostgresDatabase(url, SCHEMA), range(4)))
    insert(made[0], 1)
    assert [count(one) for one in made] == [1, 1, 1, 1]
    for one in made:
        one.close()


def test_a_transaction_that_fails_changes_nothing(postgres: Postgres) -> None:
    """Both rows or neither; our own mistake stays what it is."""
    database = PostgresDatabase(postgres.database(), SCHEMA)
    with pytest.raises(IntegrityError):
        insert(database, 1, 1)
    assert count(database) == 0
    database.close()


def test_writers_never_stand_beside_each_other(postgres: Postgres) -> None:
    """What one reads before it writes is still true when it commits, whichever machine it is."""
    url = postgres.database()
    machines = [PostgresDatabase(url, SCHEMA) for _ in range(2)]

    def add(number: int) -> None:
        with machines[number % 2].writing() as session:
            found = session.connection().execute(text("SELECT count(*) FROM one")).scalar_one()
            session.connection().execute(text("INSERT INTO one VALUES (:id)"), {"id": found})

    with ThreadPoolExecutor(4) as working:
        list(working.map(add, range(40)))
    assert count(machines[0]) == 40
    for one in machines:
        one.close()


def test_a_reading_is_one_view(postgres: Postgres) -> None:
    """What is committed meanwhile is not seen half."""
    database = PostgresDatabase(postgres.database(), SCHEMA)
    with database.reading() as session:
        before = session.connection().execute(text("SELECT count(*) FROM one")).scalar_one()
        insert(database, 1)
        after = session.connection().execute(text("SELECT count(*) FROM one")).scalar_one()
    assert (before, after, count(database)) == (0, 0, 1)
    database.close()


def test_fail__a_schema_of_a_newer_program(postgres: Postgres) -> None:
    """An older program does not touch it."""
    url = postgres.database()
    PostgresDatabase(url, replace(SCHEMA, number=3)).close()
    with pytest.raises(NewerSchemaError, match="schema 3 is newer"):
        PostgresDatabase(url, SCHEMA)


def test_an_older_schema_takes_its_steps(postgres: Postgres) -> None:
    """Rows stay."""
    url = postgres.database()
    old = PostgresDatabase(url, SCHEMA)
    insert(old, 1)
    old.close()
    steps = {1: "ALTER TABLE one ADD COLUMN two INTEGER", 2: "UPDATE one SET two = 2"}
    new = PostgresDatabase(url, replace(SCHEMA, number=3, steps=steps))
    with new.reading() as session:
        assert session.connection().execute(text("SELECT id, two FROM one")).all() == [(1, 2)]
    new.close()


def test_a_server_that_was_restarted_is_not_noticed(postgres: Postgres) -> None:
    """Every connection was cut between two transactions."""
    database = PostgresDatabase(postgres.database(), SCHEMA)
    insert(database, 1)
    postgres.restart()
    assert count(database) == 1
    database.close()


def test_fail__a_server_that_is_away(postgres: Postgres) -> None:
    """One error that says try again, for reading and for writing; nothing of the row is told."""
    database = PostgresDatabase(postgres.database(), SCHEMA)
    postgres.stop()
    try:
        for work in (lambda: count(database), lambda: insert(database, 4711)):
            with pytest.raises(DatabaseAwayError) as caught:
                work()
            assert "4711" not in str(caught.value)
    finally:
        postgres.start()
    insert(database, 4711)
    assert count(database) == 1
    database.close()


def test_fail__a_server_that_goes_in_the_middle(postgres: Postgres) -> None:
    """What was not committed is not there."""
    database = PostgresDatabase(postgres.database(), SCHEMA)

    def interrupted() -> None:
        with database.writing() as session:
            session.connection().execute(text("INSERT INTO one VALUES (1)"))
            postgres.restart()
            session.connection().execute(text("INSERT INTO one VALUES (2)"))

    with pytest.raises(DatabaseAwayError):
        interrupted()
    assert count(database) == 0
    database.close()
