"""Papers drawn once for the whole folder."""

import pytest

from provisioning.demo.samples.stack import Stack
from tests.support.one_stop import draw_stack


@pytest.fixture(scope="session")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Stack:
    """Return the sheets of two fictitious people."""
    return draw_stack(tmp_path_factory.mktemp("papers"))
