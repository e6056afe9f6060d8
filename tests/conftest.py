"""The servers that several rooms are tried on: each is started when the first test asks, once a test process."""

from collections.abc import Iterator

import pytest

from tests.support.object_store import ObjectStore, running_object_store
from tests.support.postgres import Postgres, running_postgres


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """Give a running PostgreSQL; `postgres.emptied()` is a database without any row."""
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def object_store() -> Iterator[ObjectStore]:
    """Give a running S3 server with one bucket."""
    with running_object_store() as server:
        yield server
