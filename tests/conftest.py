"""The servers that several rooms are tried on: each is started when the first test asks, once a test process."""

from collections.abc import Iterator
from dataclasses import replace
from uuid import uuid4

import pytest

from tests.support.object_store import ObjectStore, running_object_store
from tests.support.postgres import Postgres, running_postgres


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the longest tests begin first: whole stops in a browser, so that no process waits for them at the end."""
    items.sort(key=lambda item: "journeys" not in item.path.parts)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """Give a running PostgreSQL; `postgres.emptied()` is a database without any row."""
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def object_server() -> Iterator[ObjectStore]:
    """Give a running S3 server with one bucket."""
    with running_object_store() as server:
        yield server


@pytest.fixture
def object_store(object_server: ObjectStore) -> ObjectStore:
    """Give a folder of the bucket that no other test knows."""
    url = object_server.url.replace("?", f"/{uuid4().hex}?")
    return replace(object_server, url=url)
