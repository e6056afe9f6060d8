"""A sealed part on a disk that takes a part of it only."""

from pathlib import Path

import pytest

from appliance.mail.parts import Parts
from tests.support.short_disk import files_end_at


def test_fail__a_sealed_part_cut_short(tmp_path: Path) -> None:
    """The shelf never gives a piece of a part the part's name."""
    parts = Parts(tmp_path)
    with files_end_at(100), pytest.raises(OSError, match="make room"):
        parts.keep(bytes(16), {0: bytes(300)})
    assert not parts.holds(bytes(16), [0])
