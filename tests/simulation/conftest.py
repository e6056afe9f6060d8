"""What every test of the simulation shares: quiet logs and signatures that are checked once."""

import logging
from collections.abc import Iterator

import pytest

from provisioning.simulate.remembered import remembered


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Keep ten thousands of log lines of simulated processes out of the way."""
    logging.disable(logging.CRITICAL)
    with remembered():
        yield
    logging.disable(logging.NOTSET)
