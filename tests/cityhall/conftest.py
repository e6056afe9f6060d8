"""City hall's shelf in a folder, and beyond one machine."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cityhall.mail.blobs import FolderBlobs
from cityhall.mail.place import in_folder, shared
from cityhall.mail.store import HallMail
from tests.support.shelf import OpenMail


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
