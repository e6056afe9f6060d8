"""Foreign pictures are opened within bounds or refused with a sentence."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from papers.limits import BYTE_LIMIT, LONG_SIDE_LIMIT, PIXEL_LIMIT
from papers.opening import PictureRefusedError, open_picture


def picture(width: int, height: int, kind: str = "JPEG") -> bytes:
    """Make the bytes of a grey picture."""
    out = io.BytesIO()
    Image.new("RGB", (width, height), (200, 200, 200)).save(out, kind)
    return out.getvalue()


def png_header(width: int, height: int) -> bytes:
    """Make a PNG that promises a size and has one tiny block of data."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" * 64))
        + chunk(b"IEND", b"")
    )


def refused(data: bytes) -> str:
    """Open and return the code of the refusal."""
    with pytest.raises(PictureRefusedError) as caught:
        open_picture(data)
    return caught.value.reason


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "TIFF", "BMP", "PPM"])
def test_opens(kind: str) -> None:
    """Every listed format becomes an RGB array."""
    assert open_picture(picture(40, 30, kind)).shape == (30, 40, 3)


def test_refuses_text() -> None:
    """Bytes that are no picture are named as such."""
    assert refused(b"no picture at all") == "not_a_picture"


def test_refuses_empty() -> None:
    """Nothing is no picture."""
    assert refused(b"") == "not_a_picture"


def test_refuses_format_not_listed() -> None:
    """A GIF is a picture, but none a scanner makes."""
    assert refused(picture(10, 10, "GIF")) == "not_a_picture"


def test_refuses_nine_hundred_megapixels_by_header() -> None:
    """The header is enough: nothing is decoded."""
    assert refused(png_header(30_000, 30_000)) == "too_large"


def test_limit_of_pixels_itself_is_not_too_large() -> None:
    """A picture of exactly the limit fails for its data, not its size."""
    assert refused(png_header(10_000, PIXEL_LIMIT // 10_000)) == "broken_picture"


def test_one_row_beyond_the_limit_is_too_large() -> None:
    """One row more is refused for its size."""
    assert refused(png_header(10_000, PIXEL_LIMIT // 10_000 + 1)) == "too_large"


def test_refuses_broken_jpeg() -> None:
    """A JPEG cut in the middle is not half a page."""
    noise = np.random.default_rng(1).integers(0, 255, (200, 200, 3), np.uint8)
    out = io.BytesIO()
    Image.fromarray(noise).save(out, "JPEG")
    assert refused(out.getvalue()[: len(out.getvalue()) // 2]) == "broken_picture"


def test_refuses_too_many_bytes() -> None:
    """The byte limit stands in front of every decoder."""
    assert refused(b"\0" * (BYTE_LIMIT + 1)) == "too_many_bytes"


def test_long_side_is_bounded() -> None:
    """A page at 600 dpi is worked on at a size that fits our time."""
    assert max(open_picture(picture(5000, 300)).shape) == LONG_SIDE_LIMIT


def test_exif_rotation_is_applied() -> None:
    """A camera's turned picture comes out as the photographer saw it."""
    exif = Image.Exif()
    exif[0x0112] = 6
    out = io.BytesIO()
    Image.new("RGB", (40, 20)).save(out, "JPEG", exif=exif)
    assert open_picture(out.getvalue()).shape == (40, 20, 3)


def test_fail__a_broken_avif_is_refused_like_every_other() -> None:
    """Its decoder says so with an error of its own kind; before, the worker died of it."""
    whole = picture(32, 32, "AVIF")
    place = whole.index(b"mdat") + 4
    assert refused(whole[:place] + bytes(len(whole) - place)) == "broken_picture"
