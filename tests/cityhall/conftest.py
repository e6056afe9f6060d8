"""City hall's shelf in a folder and beyond one machine: one real PostgreSQL and one real S3 server a test process."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cityhall.mail.blobs import FolderBlobs
from cityhall.mail.place import in_folder, shared
from cityhall.mail.store import HallMail
from tests.support.object_store import ObjectStore, running_object_store
from tests.support.postgres import Postgres, running_postgres
from tests.support.shelf import OpenMail


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


@pytest.fixture(params=["one-machine", "postgres"])
def open_mail(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[OpenMail]:
    """Give what opens an empty shelf, again and again, as the processes of a hall do."""
    beyond = request.param == "postgres"
    url = request.getfixturevalue("postgres").emptied() if beyond else ""
    opened = []

    def opens() -> HallMail:
        place = shared(url, FolderBlobs(tmp_path / "blobs")) if beyond else in_folder(tmp_path)
        opened.append(HallMail(place))
        return opened[-1]

    yield opens
    for mail in opened:
        mail.close()


@pytest.fixture
def mail(open_mail: OpenMail) -> HallMail:
    """Give an empty shelf."""
    return open_mail()
