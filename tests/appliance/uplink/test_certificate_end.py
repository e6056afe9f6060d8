"""A box says in time that its certificate ends: it lasts 30 days, and the depot is not on every road."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from appliance.uplink.selfcheck import ENDING_DAYS, certificate_end
from provisioning.certificates import BOX_DAYS, make_authority, make_box

NOW = datetime.now(UTC)


def files(folder: Path, days: int) -> tuple[Path, Path, Path]:
    """Write a box's certificate that lasts so many days, its key and the authority."""
    authority = make_authority("盛岡市", NOW)
    box = make_box(authority, "bus-07", NOW, days)
    for name, data in (("ca", authority.certificate), ("box", box.certificate), ("key", box.key)):
        (folder / name).write_bytes(data)
    return folder / "ca", folder / "box", folder / "key"


@pytest.mark.parametrize(("days", "said"), [(BOX_DAYS, 0), (ENDING_DAYS - 1, 1)])
def test_the_end_is_known_and_said_when_it_is_near(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, days: int, said: int
) -> None:
    """A fresh one is silent; in its last days each start leaves a line."""
    end = certificate_end(*files(tmp_path, days), NOW)
    assert end is not None
    assert abs(end - NOW - timedelta(days=days)) < timedelta(hours=2)
    assert [one.getMessage()[:18] for one in caplog.records] == ["certificate.ending"] * said


def test_one_that_is_no_good_has_no_end(tmp_path: Path) -> None:
    """Of another authority, or not there at all: the first dial says what is wrong."""
    ca, box, key = files(tmp_path, BOX_DAYS)
    ca.write_bytes(make_authority("見本市", NOW).certificate)
    assert certificate_end(ca, box, key, NOW) is None
    assert certificate_end(tmp_path / "none", box, key, NOW) is None
