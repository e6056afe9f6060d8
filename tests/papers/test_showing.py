"""Pictures from outside are decoded by a child that can do nothing else (T15)."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from papers.confine import confine
from papers.opening import open_picture
from papers.showing import NotShownError, Showing
from papers.worker import BYTES_MOST
from tests.support.pictures import write_sheets
from tests.threats.test_bombs import BOMBS


@pytest.fixture
async def showing() -> AsyncIterator[Showing]:
    """Give a showing and end its worker."""
    made = Showing()
    yield made
    await made.close()


async def test_every_bomb_is_refused_and_the_next_picture_shown(
    showing: Showing, tmp_path: Path
) -> None:
    """One worker outlives them all."""
    for bomb in BOMBS:
        with pytest.raises(NotShownError):
            await showing.show(bomb())
    worker = showing._process
    sheet = write_sheets(tmp_path, (400, 300))[0].read_bytes()
    assert open_picture((await showing.show(sheet)).data).shape == (300, 400, 3)
    assert showing._process is worker


async def test_too_many_bytes_never_reach_a_worker(showing: Showing) -> None:
    """None is started for them."""
    with pytest.raises(NotShownError):
        await showing.show(bytes(BYTES_MOST + 1))
    assert showing._process is None


async def test_a_killed_worker_is_replaced(showing: Showing, tmp_path: Path) -> None:
    """The next picture starts another."""
    sheet = write_sheets(tmp_path, (40, 30))[0].read_bytes()
    await showing.show(sheet)
    worker = showing._process
    assert worker is not None
    worker.kill()
    await worker.wait()
    assert (await showing.show(sheet)).blank_known


async def test_pictures_wait_for_each_other(showing: Showing, tmp_path: Path) -> None:
    """Two at once both come, each its own."""
    small, large = (path.read_bytes() for path in write_sheets(tmp_path, (40, 30), (80, 60)))
    shown = await asyncio.gather(showing.show(small), showing.show(large))
    assert [open_picture(one.data).shape[1] for one in shown] == [40, 80]


def refused_inside(act: Callable[[], object]) -> bool:
    """Do something in a confined child; tell whether the kernel said no."""
    child = os.fork()
    if child == 0:
        status = 2
        try:
            confine()
            act()
            status = 0
        except PermissionError:
            status = 1
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 1


@pytest.mark.parametrize(
    "act",
    [
        lambda: os.open("/etc/hostname", os.O_RDONLY),
        lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM),
        lambda: socket.socket(socket.AF_UNIX, socket.SOCK_STREAM),
        lambda: os.execv("/bin/true", ["true"]),  # noqa: S606 - it must not start
        Path("/nowhere").unlink,
        lambda: os.kill(1, 0),
        os.fork,
    ],
    ids=["file", "network", "local socket", "program", "deletion", "signal", "child"],
)
def test_a_confined_child_gets_nothing(act: Callable[[], object]) -> None:
    """No file, no network, no program, no other process."""
    assert refused_inside(act)
