"""The bus's own disk takes nothing: the uplink lives, says so, sends what it reads, and goes on when there is room."""

import errno
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.mail.store import MailStore
from keeping.away import DatabaseAwayError
from tests.appliance.uplink.test_travel import filed_once, keep
from tests.support.houses import make_houses, until
from tests.support.lossy_mount import MISSING, LossyMount, has_fuse, lossy_mount
from tests.support.makers import instant, make_envelope


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[LossyMount]:
    """A disk of its own; skips where none can be mounted."""
    if not has_fuse():
        pytest.skip(MISSING)
    with lossy_mount(tmp_path / "disk") as found:
        if not found.stands:
            pytest.skip(MISSING)
        yield found


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EROFS, errno.EIO])
def test_a_refusing_disk_is_an_error_of_the_disk(disk: LossyMount, error: int) -> None:
    """What was there can be read, and nothing is half written."""
    shelf = MailStore(disk.folder / "mail")
    sealed = make_envelope(parts=[])
    shelf.keep(sealed, deadline=None, at=instant(), receipt_for=lambda _entry: b"box")
    disk.trouble(error=error)
    with pytest.raises(DatabaseAwayError, match="disk"):
        shelf.sending(sealed.env_id)
    assert [row.state for row in shelf.outbox()] == ["kept"]
    disk.trouble()
    shelf.sending(sealed.env_id)
    assert [row.state for row in shelf.outbox()] == ["sending"]
    shelf.close()


async def test_a_full_disk_holds_up_nothing_that_is_on_it(tmp_path: Path, disk: LossyMount) -> None:
    """Two applications reach city hall; their receipts are kept once there is room, without a restart."""
    hall, bus = make_houses(tmp_path)
    bus.mail.close()
    bus.folder.joinpath("mail").rename(tmp_path / "unused")
    bus.folder.joinpath("mail").symlink_to(disk.folder)
    bus.mail = MailStore(bus.folder / "mail")
    for n in range(2):
        keep(bus, n)
    await hall.start()
    await hall.stop()
    bus.port = hall.port
    await bus.start()
    uplink = bus.uplink
    assert uplink is not None
    disk.trouble(error=errno.ENOSPC)
    await hall.start()
    await until(lambda: filed_once(hall, 2))
    await until(lambda: (uplink.status.view()["cause"] or {}).get("kind") == "our_disk")
    assert "complete" not in bus.states()
    disk.trouble()
    await until(bus.all_are("complete"))
    await until(lambda: uplink.status.view()["cause"] is None)
    await bus.stop()
    await hall.stop()
    bus.mail.close()
    hall.mail.close()
