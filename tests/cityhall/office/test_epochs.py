from pathlib import Path

import pytest

from cityhall.office.epochs import MOST_KEYS, Epochs, TooManyKeysError
from sync.errors import SealError
from sync.keys import write_key
from tests.support.makers import DIVISION, RECOVERY, make_envelope, make_opening_key

HEADER = make_envelope().header


def put(folder: Path, name: str, n: int) -> Path:
    """Put opening key number n into a folder."""
    path = folder / f"{name}.key"
    path.write_text(write_key("opening", make_opening_key(n).seed))
    return path


def test_the_key_is_found_by_the_recipients_id(tmp_path: Path) -> None:
    """Among several months the one the envelope names."""
    put(tmp_path, "2026-10", 70)
    put(tmp_path, "2026-11", DIVISION)
    epochs = Epochs(tmp_path)
    assert epochs.opening(HEADER).key_id == make_opening_key(DIVISION).key_id
    assert [one.name for one in epochs.months()] == ["2026-10", "2026-11"]


def test_one_file_is_enough(tmp_path: Path) -> None:
    """A small city names its only key file."""
    assert Epochs(put(tmp_path, "division", DIVISION)).opening(HEADER)


def test_a_shredded_month_is_forgotten_while_the_office_runs(tmp_path: Path) -> None:
    """The folder is looked at before each opening."""
    month = put(tmp_path, "2026-11", DIVISION)
    epochs = Epochs(tmp_path)
    assert epochs.opening(HEADER)
    month.unlink()
    with pytest.raises(SealError, match="none of our 0 keys"):
        epochs.opening(HEADER)


def test_a_broken_file_closes_no_other_month(tmp_path: Path) -> None:
    """Half a file is passed over with a warning."""
    put(tmp_path, "2026-11", RECOVERY)
    (tmp_path / "2026-12.key").write_text("madobus-key 1 opening\nhalf")
    assert Epochs(tmp_path).opening(HEADER)


def test_a_file_that_is_not_there_is_no_key(tmp_path: Path) -> None:
    """The office starts; what needs the key waits as trouble."""
    with pytest.raises(SealError):
        Epochs(tmp_path / "none.key").opening(HEADER)


def test_fail__more_keys_than_months(tmp_path: Path) -> None:
    """A limit with a name."""
    for n in range(MOST_KEYS + 1):
        (tmp_path / f"{n}.key").touch()
    with pytest.raises(TooManyKeysError, match=str(MOST_KEYS)):
        Epochs(tmp_path).months()
