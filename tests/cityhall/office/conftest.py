from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.office_world import OfficeWorld


@pytest.fixture
def world(tmp_path: Path) -> Iterator[OfficeWorld]:
    """Give an office on an empty folder."""
    made = OfficeWorld(tmp_path)
    yield made
    made.close()
