"""Files that play sheets of paper."""

import io
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image

from hardware.scanner.papers import MAX_PIXELS, NotPaper, as_jpeg, lay_in
from tests.support.pictures import noise, pixels


def test_ok__a_jpeg_passes_byte_for_byte(tmp_path: Path) -> None:
    """Nothing is encoded twice."""
    noise(64, 48).save(tmp_path / "a.jpg", quality=71)
    paper = lay_in(tmp_path / "a.jpg")
    assert as_jpeg(paper, colour=True) == (tmp_path / "a.jpg").read_bytes()


@pytest.mark.parametrize("suffix", ["png", "webp", "avif", "tiff", "bmp"])
def test_ok__other_pictures_become_jpeg(tmp_path: Path, suffix: str) -> None:
    """Same size, same picture."""
    path = tmp_path / f"a.{suffix}"
    noise(64, 48).save(path)
    image = pixels(as_jpeg(lay_in(path), colour=True))
    assert abs(image - pixels(path)).mean() < 2


def test_ok__a_grey_jpeg_stays_as_it_is_unless_colour_is_asked(tmp_path: Path) -> None:
    """A colour job gets three channels."""
    noise(64, 48, mode="L").save(tmp_path / "a.jpg")
    paper = lay_in(tmp_path / "a.jpg")
    with Image.open(io.BytesIO(as_jpeg(paper, colour=True))) as coloured:
        assert coloured.mode == "RGB"
    assert as_jpeg(paper, colour=False) == (tmp_path / "a.jpg").read_bytes()


def test_ok__transparent_parts_are_white_paper(tmp_path: Path) -> None:
    """A see-through picture lies on white, not on black."""
    Image.new("RGBA", (20, 20), (0, 0, 0, 0)).save(tmp_path / "a.png")
    assert pixels(as_jpeg(lay_in(tmp_path / "a.png"), colour=True)).min() == 255


def bomb(path: Path, side: int) -> None:
    """Write a PNG that claims a huge size and is a few bytes long."""
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", len(head)) + b"IHDR" + head
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk + struct.pack(">I", zlib.crc32(b"IHDR" + head)))


@pytest.mark.parametrize("side", [7072, 60_000])
def test_fail__a_picture_with_too_many_pixels(tmp_path: Path, side: int) -> None:
    """Refused by its header, one step beyond the limit and far beyond it."""
    bomb(tmp_path / "a.png", side)
    assert side**2 > MAX_PIXELS
    with pytest.raises(NotPaper):
        lay_in(tmp_path / "a.png")


def test_ok__a_picture_at_the_limit(tmp_path: Path) -> None:
    """Fifty megapixels are a sheet."""
    Image.new("1", (10_000, 5_000)).save(tmp_path / "a.png")
    assert lay_in(tmp_path / "a.png").width == 10_000


def test_fail__a_text_is_no_sheet(tmp_path: Path) -> None:
    """The sentence names the file."""
    (tmp_path / "a.jpg").write_text("hello", encoding="utf-8")
    with pytest.raises(NotPaper, match=r"a\.jpg is not a picture"):
        lay_in(tmp_path / "a.jpg")


@pytest.mark.parametrize("suffix", ["jpg", "png"])
def test_fail__half_a_picture_is_no_sheet(tmp_path: Path, suffix: str) -> None:
    """A cut file is found when it is laid in, not in the middle of the stack."""
    path = tmp_path / f"a.{suffix}"
    noise(400, 300).save(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(NotPaper, match="whole"):
        lay_in(path)


def test_fail__a_missing_file_is_no_sheet(tmp_path: Path) -> None:
    """So is a folder."""
    for path in (tmp_path / "none.jpg", tmp_path):
        with pytest.raises(NotPaper):
            lay_in(path)


def test_fail__many_pictures_in_one_file_are_not_one_sheet(tmp_path: Path) -> None:
    """The rest would be lost in silence."""
    frames = [noise(20, 20, seed=n) for n in range(2)]
    frames[0].save(tmp_path / "a.tiff", save_all=True, append_images=frames[1:])
    with pytest.raises(NotPaper, match="more than one"):
        lay_in(tmp_path / "a.tiff")


def test_fail__a_broken_avif_is_no_sheet(tmp_path: Path) -> None:
    """Its decoder says so with an error of its own kind."""
    noise(64, 48).save(tmp_path / "a.avif")
    whole = (tmp_path / "a.avif").read_bytes()
    (tmp_path / "a.avif").write_bytes(whole.replace(b"av01", b"av09"))
    with pytest.raises(NotPaper, match=r"a\.avif"):
        lay_in(tmp_path / "a.avif")
