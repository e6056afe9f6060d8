"""What the faults are made with: drawn papers, a nursery of processes, a disk of glass, a real disk."""

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from provisioning.demo.samples.stack import Stack
from tests.support import lossy_mount as glass
from tests.support import real_disk as real
from tests.support.density import Density
from tests.support.fault_world import FaultWorld, make_world
from tests.support.lossy_mount import LossyMount
from tests.support.nursery import How, Nursery, Plan, Steps, nursery
from tests.support.one_stop import draw_stack
from tests.support.real_disk import RealDisk

NATIVE = Path(__file__).parent / "native"
MEMORY = Path("/dev/shm")  # noqa: S108 - a kill needs no disk; every folder there is our own
DAY = 3


@pytest.fixture(scope="session")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Stack:
    """Return the sheets of two fictitious people."""
    return draw_stack(tmp_path_factory.mktemp("papers"))


@pytest.fixture(scope="session")
def density() -> Iterator[Density]:
    """Return how densely to sow."""
    found = Density()
    yield found
    found.write()


@pytest.fixture(scope="session")
def parent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    """Return the parent of all processes, with the counter of steps where a C compiler is."""
    library: Path | None = None
    if shutil.which("gcc") is not None:
        library = tmp_path_factory.mktemp("native") / "durable_steps.so"
        source = NATIVE / "durable_steps.c"
        command = ["gcc", "-shared", "-fPIC", "-O2", "-Wall", "-o", str(library), str(source)]
        if subprocess.run([*command, "-ldl"], check=False).returncode:
            library = None
    with nursery(library) as found:
        yield found


@pytest.fixture
def nest(parent: Nursery) -> Iterator[Nursery]:
    """Return the nursery; nothing it started outlives the test."""
    yield parent
    parent.end_all()


@pytest.fixture
def stepping(nest: Nursery) -> Nursery:
    """Return the nursery where steps can be counted."""
    if nest.steps is None:
        pytest.skip(
            "the counter of durable steps is built with gcc, which is not here or has no headers"
        )
    return nest


@pytest.fixture(scope="session")
def mounted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LossyMount]:
    """Return the disk of glass."""
    if not glass.has_fuse():
        pytest.skip(glass.MISSING)
    with glass.lossy_mount(tmp_path_factory.mktemp("glass")) as found:
        if not found.stands:
            pytest.skip(glass.MISSING)
        yield found


@pytest.fixture
def glass_disk(mounted: LossyMount) -> Iterator[LossyMount]:
    """Return the disk of glass, empty and sound."""
    mounted.format()
    yield mounted
    mounted.trouble()


@pytest.fixture
def ext4(tmp_path: Path) -> Iterator[RealDisk]:
    """Return a real ext4 of its own."""
    with real.real_disk(tmp_path / "ext4") as found:
        if found is None:
            pytest.skip(real.MISSING)
        yield found


@pytest.fixture
def memory() -> Iterator[Path]:
    """Return a folder in memory: a disk that others keep busy must not slow down what needs no disk."""
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        yield Path(folder)


@pytest.fixture
def fresh(nest: Nursery, memory: Path) -> Callable[[], FaultWorld]:
    """Return a maker of worlds in memory with three applications kept; each call forgets the one before."""

    def make() -> FaultWorld:
        nest.end_all()
        shutil.rmtree(memory / "world", ignore_errors=True)
        world = make_world(nest, memory / "world")
        world.keep(DAY)
        return world

    return make


@pytest.fixture(scope="session")
def steps_of_a_day(
    parent: Nursery, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str, Steps], int]:
    """Return how many steps of a kind each process takes to carry three applications and be told so."""
    known: dict[Steps, dict[str, int]] = {}

    def steps(name: str, kinds: Steps) -> int:
        if kinds not in known:
            world = make_world(parent, tmp_path_factory.mktemp("counted"))
            world.keep(DAY)
            plan = Plan(How.COUNT, kinds=kinds)
            for one in ("intake", "uplink"):
                world.start(one, plan).begin()
                world.wait_ready(one)
            world.wait_complete_or_dead("uplink")
            ends = {one: world.stop(one) for one in ("uplink", "intake")}
            known[kinds] = {one: int(end.lines()[-1].split()[1]) for one, end in ends.items()}
            parent.end_all()
        return known[kinds][name]

    return steps
