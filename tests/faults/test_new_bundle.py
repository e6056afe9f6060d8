"""The box is killed or loses its power while it takes a new root with a new bundle: it has the old ones or the new."""

from pathlib import Path

import pytest

from appliance.mail.belief import KeyFiles
from keeping.wholefile import put_whole, sync_folder
from sync.bundle import encode_bundle
from sync.root import encode_root
from tests.support.density import Density
from tests.support.lossy_mount import LossyMount
from tests.support.makers import make_bundle
from tests.support.nursery import Child, How, Nursery, Plan
from tests.support.roots import bundle_text, make_root, publisher_of, root_holders, root_text

NEWS = encode_bundle(
    make_bundle(2),
    (publisher_of(),),
    (root_text(), encode_root(make_root(version=2), root_holders()[:2])),
)
OLD, NEW = (1, 1), (2, 2)
KILLS = (How.KILL_BEFORE, How.KILL_AFTER, How.KILL_HALF)


def enrolled(folder: Path) -> Path:
    """Write what a box was enrolled with."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "root.json").write_text(root_text(), encoding="utf-8")
    (folder / "bundle.json").write_text(bundle_text(make_bundle()), encoding="utf-8")
    return folder


def settle(folder: Path) -> None:
    """Make what enrolment wrote durable."""
    for path in folder.iterdir():
        put_whole(path, path.read_bytes())
    for place in (folder, folder.parent):
        sync_folder(place)


def taking(nest: Nursery, folder: Path, plan: Plan | None = None) -> Child:
    """Return a process that takes the news once it may begin."""
    return nest.start("take_bundle", {"folder": str(folder), "text": str(folder / "news")}, plan)


def check(folder: Path, child: Child) -> None:
    """It believes the old or the new, the new when it said so; offered again it has the new, for good."""
    files = KeyFiles(folder / "bundle.json", folder / "root.json")
    assert files.held.rank in (OLD, NEW)
    if child.lines()[:1] == ["taken"]:
        assert files.held.rank == NEW
    files.offer(NEWS)
    assert KeyFiles(folder / "bundle.json", folder / "root.json").held.rank == NEW


def test_killed_at_every_step(density: Density, stepping: Nursery, memory: Path) -> None:
    """Each write, sync and rename, before, after and half of it."""

    def begun(name: str, plan: Plan | None = None) -> tuple[Path, Child]:
        folder = enrolled(memory / name)
        (folder / "news").write_text(NEWS, encoding="utf-8")
        return folder, stepping.ended(taking(stepping, folder, plan).begin())

    last = int(begun("counted")[1].lines()[-1].split()[1])

    def trial(at: int) -> None:
        for how in KILLS:
            folder, child = begun(f"{at}-{how.name}", Plan(how, at))
            assert child.killed
            density.count("processes killed")
            check(folder, child)

    density.sow("kill points of a new root and bundle", last, last, trial)


@pytest.mark.parametrize("torn", [False, True], ids=["drop", "torn"])
def test_the_power_goes_at_every_sync(
    density: Density, nest: Nursery, glass_disk: LossyMount, *, torn: bool
) -> None:
    """What was not synced is lost, or half there."""

    def cut(at: int) -> Child:
        glass_disk.format()
        folder = enrolled(glass_disk.folder / "uplink")
        (folder / "news").write_text(NEWS, encoding="utf-8")
        settle(folder)
        child = taking(nest, folder)
        glass_disk.trouble(cut_at=at, torn=torn, seed=at, victims=(child.pid,))
        nest.ended(child.begin())
        return child

    cut(0)
    last = glass_disk.syncs()

    def trial(at: int) -> None:
        child = cut(at)
        assert child.killed
        glass_disk.trouble()
        density.count("power cuts")
        check(glass_disk.folder / "uplink", child)

    density.sow(
        f"power cuts in a new root and bundle ({'torn' if torn else 'drop'})", last, last, trial
    )
