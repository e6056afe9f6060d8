"""Who may come in, by the key bundle as it is now."""

from collections.abc import Callable
from pathlib import Path

import pytest

from cityhall.intake.register import Register
from sync.errors import PeerError
from sync.refusals import Refused
from tests.support.makers import make_bundle, make_device
from tests.support.roots import bundle_text

ROOT = 77


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file with version 2 of the bundle: bus-07 is good, bus-08 revoked."""
    found = tmp_path / "bundle.json"
    devices = [make_device(), make_device("bus-08", signer=5, revoked=True)]
    found.write_text(bundle_text(make_bundle(2, devices=devices), ROOT))
    return found


def test_ok__a_known_box(path: Path) -> None:
    """Its key comes out."""
    assert Register(path).admit("bus-07", "bus-07") == make_device()


@pytest.mark.parametrize(
    ("device", "certified", "code"),
    [
        ("bus-07", "bus-08", Refused.OTHER_DEVICE),
        ("bus-07", "", Refused.OTHER_DEVICE),
        ("bus-99", "bus-99", Refused.UNKNOWN_DEVICE),
        ("bus-08", "bus-08", Refused.REVOKED_DEVICE),
    ],
)
def test_fail__somebody_else(path: Path, device: str, certified: str, code: int) -> None:
    """Each with its own number."""
    with pytest.raises(PeerError) as caught:
        Register(path).admit(device, certified)
    assert caught.value.code == code


def replaced(path: Path, write: Callable[[Path], object]) -> Register:
    """Return a register whose file was replaced after the start."""
    register = Register(path)
    write(path)
    return register


def test_a_newer_bundle_is_taken(path: Path) -> None:
    """Without a restart."""
    register = replaced(path, lambda at: at.write_text(bundle_text(make_bundle(3), ROOT)))
    assert register.refresh()
    assert register.bundle == make_bundle(3)
    assert not register.refresh()


@pytest.mark.parametrize(
    "text",
    [
        bundle_text(make_bundle(1), ROOT),
        "{}",
        bundle_text(make_bundle(3), ROOT)[:-9],
        bundle_text(make_bundle(3), 78),
    ],
)
def test_an_older_damaged_or_strangers_bundle_is_not_taken(path: Path, text: str) -> None:
    """The one held stays."""
    register = replaced(path, lambda at: at.write_text(text))
    assert not register.refresh()
    assert register.bundle.version == 2


def test_a_missing_file_changes_nothing(path: Path) -> None:
    """Between two renames the file may be away."""
    register = replaced(path, lambda at: at.unlink())
    assert not register.refresh()
    assert register.bundle.version == 2
