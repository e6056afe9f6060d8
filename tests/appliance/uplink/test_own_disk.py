"""The bus's own disk takes nothing: the uplink lives, says so, sends what it reads, and goes on when there is room."""

import errno
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.desk.bundles import Bundles
from appliance.mail.belief import KeyFiles
from appliance.mail.store import MailStore
from appliance.uplink.trust import KEY_BUNDLE, Trust
from keeping.away import DatabaseAwayError
from sync.bundle import encode_bundle
from sync.root import encode_root
from tests.appliance.uplink.test_travel import filed_once, keep
from tests.support.houses import make_houses, until
from tests.support.lossy_mount import MISSING, LossyMount, has_fuse, lossy_mount
from tests.support.makers import instant, make_bundle, make_envelope, make_id
from tests.support.roots import bundle_text, make_root, publisher_of, root_holders, root_text


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[LossyMount]:
    """A disk of its own; skips where none can be mounted."""
    if not has_fuse():
        pytest.skip(MISSING)
    with lossy_mount(tmp_path / "disk") as found:
        if not found.stands:
            pytest.skip(MISSING)
        yield found


class Enrolled:
    """A box's two files in a folder that can refuse a whole file, as a full disk does."""

    def __init__(self, folder: Path) -> None:
        self.bundle, self.root = folder / "bundle.json", folder / "root.json"
        self.bundle.write_text(bundle_text(make_bundle()), encoding="utf-8")
        self.root.write_text(root_text(), encoding="utf-8")

    def refuse(self, path: Path) -> None:
        """Let a file not be written anew: what it is written beside is in the way."""
        path.with_name(f"{path.name}.part").mkdir()

    def take_again(self, path: Path) -> None:
        """Let it be written."""
        path.with_name(f"{path.name}.part").rmdir()


def test_a_bundle_the_disk_does_not_take_ends_no_uplink(tmp_path: Path) -> None:
    """The letter is kept, so it waits: it is taken when city hall speaks of bundles again, or at the next start."""
    box = Enrolled(tmp_path)
    trust = Trust(box.bundle, box.root)
    box.refuse(box.bundle)
    trust.offer(bundle_text(make_bundle(2)).encode())
    trust.hear_of(1, 2)
    assert trust.bundle().version == 1
    box.take_again(box.bundle)
    trust.hear_of(1, 2)
    assert trust.bundle().version == 2
    assert Trust(box.bundle, box.root).bundle().version == 2


def test_a_bundle_the_disk_does_not_take_stays_unread_at_the_desk(tmp_path: Path) -> None:
    """The desk goes on with the one it has; the next look takes it."""
    box, mail = Enrolled(tmp_path), MailStore(tmp_path / "mail")
    bundles = Bundles(box.bundle, box.root, mail)
    mail.put_letter(make_id(5), KEY_BUNDLE, bundle_text(make_bundle(2)).encode(), instant())
    box.refuse(box.bundle)
    bundles.refresh()
    assert bundles.current.version == 1
    box.take_again(box.bundle)
    bundles.refresh()
    assert bundles.current.version == 2
    mail.close()


def test_a_root_the_disk_does_not_take_ends_no_start(tmp_path: Path) -> None:
    """The power went between bundle and root, and now the disk is full: the bundle's chain says the same."""
    box = Enrolled(tmp_path)
    chain = (root_text(), encode_root(make_root(version=2), root_holders()[:2]))
    text = encode_bundle(make_bundle(2), (publisher_of(),), chain)
    box.bundle.write_text(text, encoding="utf-8")
    box.refuse(box.root)
    assert KeyFiles(box.bundle, box.root).held.rank == (2, 2)
    box.take_again(box.root)
    KeyFiles(box.bundle, box.root)
    assert box.root.read_text(encoding="utf-8") != root_text()


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
