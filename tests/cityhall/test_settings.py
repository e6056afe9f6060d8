"""Where hall.toml may put the shelf: one folder, or the two stores that machines share, and never a secret."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from cityhall.config import HallSettings
from tests.support.houses import make_houses

DATABASE = "postgresql://madobus@db.example/hall"
BLOBS = "s3://sealed?endpoint=https://store.example"


def settings(folder: Path, **shelf: Any) -> HallSettings:
    """Return settings with this shelf."""
    hall, _ = make_houses(folder)
    found = hall.settings().model_dump(exclude_none=True)
    hall.mail.close()
    del found["mail"]
    return HallSettings.model_validate({**found, **shelf})


def test_ok__two_shared_stores(tmp_path: Path) -> None:
    """Both are named."""
    found = settings(tmp_path, mail_database=DATABASE, blobs=BLOBS)
    assert (found.mail, found.mail_database, found.blobs) == (None, DATABASE, BLOBS)


@pytest.mark.parametrize(
    "shelf",
    [
        {},
        {"mail_database": DATABASE},
        {"blobs": BLOBS},
        {"mail": "/var/lib/hall", "mail_database": DATABASE, "blobs": BLOBS},
        {"mail": "/var/lib/hall", "blobs": BLOBS},
    ],
)
def test_fail__no_shelf_half_a_shelf_or_two(tmp_path: Path, shelf: dict[str, str]) -> None:
    """One or the other, whole."""
    with pytest.raises(
        ValidationError, match="give a folder, or mail_database together with blobs"
    ):
        settings(tmp_path, **shelf)


@pytest.mark.parametrize(
    "shelf",
    [
        {"mail_database": "postgresql://madobus:hush@db.example/hall", "blobs": BLOBS},
        {"mail_database": f"{DATABASE}?password=hush", "blobs": BLOBS},
        {"mail_database": f"{DATABASE}?sslpassword=hush", "blobs": BLOBS},
        {"mail_database": DATABASE, "blobs": "s3://key:hush@sealed"},
    ],
)
def test_fail__a_password_in_an_address(tmp_path: Path, shelf: dict[str, str]) -> None:
    """Addresses reach logs and screens; the error does not repeat it."""
    with pytest.raises(ValidationError, match="holds no password") as caught:
        settings(tmp_path, **shelf)
    assert "hush" not in str(caught.value)
