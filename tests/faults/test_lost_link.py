"""The network of a real kernel fails in the middle: silence, a modem that goes, another address, a dead session."""

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support import networks
from tests.support.check_world import check_words, check_world
from tests.support.density import Density
from tests.support.fault_world import FaultWorld, make_world
from tests.support.networks import HALL_ADDRESS, TwoNetworks, two_networks
from tests.support.nursery import Nursery, wait_until


@pytest.fixture
def line() -> Iterator[TwoNetworks]:
    """Return a slow line between two networks."""
    with two_networks() as found:
        if found is None:
            pytest.skip(networks.MISSING)
        yield found


def gone(world: FaultWorld) -> Callable[[], bool]:
    """Return whether the bus noticed that the link is gone, as a condition to wait for."""
    return lambda: "link.gone" in world.log("uplink")


def silent(line: TwoNetworks, world: FaultWorld) -> None:
    """Nothing passes any more, and no one says so."""
    line.silence()
    wait_until(gone(world), world.words)
    line.slow()


def modem_off_and_on(line: TwoNetworks, world: FaultWorld) -> None:
    """The interface goes and comes back."""
    line.modem("down")
    wait_until(gone(world), world.words)
    line.modem("up")


def another_address(line: TwoNetworks, world: FaultWorld) -> None:
    """The carrier gives the bus another address, in the middle of a piece."""
    line.change_address()
    wait_until(gone(world), world.words)


def half_open(line: TwoNetworks, world: FaultWorld) -> None:
    """The bus dies unheard and comes back elsewhere; city hall still holds its old session."""
    line.silence()
    world.stop("uplink", signal.SIGKILL)
    line.change_address()
    line.slow()


def flapping(line: TwoNetworks, world: FaultWorld) -> None:
    """Down and up again, three times, faster than anybody notices."""
    for _ in range(3):
        line.modem("down")
        line.modem("up")
    assert "intake" in world.running


EVERY = (another_address, half_open, silent, modem_off_and_on, flapping)


@pytest.mark.parametrize("fail", EVERY if Density().every else EVERY[:1])
def test_in_the_middle_of_the_pages(
    nest: Nursery,
    line: TwoNetworks,
    tmp_path: Path,
    fail: Callable[[TwoNetworks, FaultWorld], None],
) -> None:
    """A first page is there, others are not: nothing is lost or doubled, all is there within two contacts."""
    world = make_world(
        nest, tmp_path, hall_host=HALL_ADDRESS, networks=(line.bus, line.hall), heartbeat_s=0.5
    )
    world.keep(3)
    world.serve()
    wait_until(lambda: "envelope.receipted" in world.log("intake"), world.words)
    assert not world.complete()
    fail(line, world)
    check_words(world)
    world.converge()
    check_world(world)
