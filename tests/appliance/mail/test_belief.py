"""appliance.mail.belief: root and bundle of one process in two files, whatever they went through."""

from pathlib import Path

import pytest

from appliance.mail.belief import KeyFiles
from sync.bundle import encode_bundle
from sync.errors import SealError
from sync.root import encode_root
from tests.support.makers import make_bundle
from tests.support.roots import bundle_text, make_root, publisher_of, root_holders, root_text

A, B, _ = root_holders()
SECOND = encode_root(make_root(version=2), (A, B))
UNDER_SECOND = encode_bundle(make_bundle(2), (publisher_of(),), (root_text(), SECOND))


def files(folder: Path, bundle: str, root: str) -> KeyFiles:
    """Return what a process believes that finds these files."""
    (folder / "bundle.json").write_text(bundle, encoding="utf-8")
    (folder / "root.json").write_text(root, encoding="utf-8")
    return KeyFiles(folder / "bundle.json", folder / "root.json")


def test_a_new_root_is_kept_with_its_bundle(tmp_path: Path) -> None:
    """Both count at once and after a restart, and the chain's beginning is needed no more."""
    held = files(tmp_path, bundle_text(make_bundle()), root_text())
    assert held.offer(UNDER_SECOND)
    assert held.held.rank == (2, 2)
    later = encode_bundle(make_bundle(3), (publisher_of(),), (SECOND,))
    assert files(tmp_path, later, (tmp_path / "root.json").read_text()).held.rank == (2, 3)


def test_the_root_follows_a_bundle_that_came_without_it(tmp_path: Path) -> None:
    """The power went between the two files: the next start writes the root."""
    assert files(tmp_path, UNDER_SECOND, root_text()).held.rank == (2, 2)
    with pytest.raises(SealError):
        files(tmp_path, bundle_text(make_bundle()), (tmp_path / "root.json").read_text())


def test_a_stick_s_bundle_counts_too(tmp_path: Path) -> None:
    """Another process wrote newer files: they are seen at the next offer, and that they came is news."""
    held = files(tmp_path, bundle_text(make_bundle()), root_text())
    files(tmp_path, bundle_text(make_bundle(5)), root_text())
    assert held.offer(bundle_text(make_bundle(5)))
    assert not held.offer(bundle_text(make_bundle(5)))
    assert held.bundle == make_bundle(5)


def test_files_that_are_gone_change_nothing(tmp_path: Path) -> None:
    """What was read at the start counts on, and a newer one is written."""
    held = files(tmp_path, bundle_text(make_bundle()), root_text())
    (tmp_path / "bundle.json").unlink()
    assert held.offer(bundle_text(make_bundle(2)))
    assert KeyFiles(tmp_path / "bundle.json", tmp_path / "root.json").bundle == make_bundle(2)
