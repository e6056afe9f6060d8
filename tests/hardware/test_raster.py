"""Reading SANE's raw raster files."""

from pathlib import Path

import numpy as np
import pytest

from hardware.scanner.raster import read_raster
from tests.support.pictures import pixels


def write(path: Path, head: bytes, body: bytes) -> Path:
    """Write one raster file."""
    path.write_bytes(head + body)
    return path


def test_ok__a_colour_raster_becomes_a_jpeg(tmp_path: Path) -> None:
    """P6 with scanimage's comment line."""
    body = np.full((20, 30, 3), 90, np.uint8).tobytes()
    path = write(tmp_path / "a.pnm", b"P6\n# SANE data follows\n30 20\n255\n", body)
    assert pixels(read_raster(path, 300)).shape == (20, 30, 3)


def test_ok__a_grey_raster_becomes_a_coloured_jpeg(tmp_path: Path) -> None:
    """P5 gives the same kind of picture, so that a reader meets one kind only."""
    path = write(tmp_path / "a.pnm", b"P5\n30 20\n255\n", bytes(30 * 20))
    assert pixels(read_raster(path, 300)).mean() == 0


def test_ok__the_raster_is_gone_after_reading(tmp_path: Path) -> None:
    """No picture stays behind in memory."""
    path = write(tmp_path / "a.pnm", b"P5\n3 2\n255\n", bytes(6))
    read_raster(path, 300)
    assert not path.exists()


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (b"P6\n3 2\n255\n", bytes(17)),
        (b"P6\n3 2\n255\n", bytes(19)),
        (b"P6\n3 2\n65535\n", bytes(36)),
        (b"P4\n3 2\n255\n", bytes(6)),
        (b"P6\n3", b""),
        (b"", b""),
        (b"#no end", b""),
        (b"P6 x 2 255\n", bytes(18)),
    ],
)
def test_fail__what_is_not_one_whole_8_bit_raster(tmp_path: Path, head: bytes, body: bytes) -> None:
    """A cut, deep, strange or empty file raises, and is taken away as well."""
    path = write(tmp_path / "a.pnm", head, body)
    with pytest.raises(ValueError):  # noqa: PT011  # int() and our own check both speak
        read_raster(path, 300)
    assert not path.exists()
