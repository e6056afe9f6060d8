"""Files that play sheets of paper: checked when they are laid into a tray, turned to JPEG when pulled."""

import io
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, UnidentifiedImageError

MAX_PIXELS = 50_000_000  # read from the header, before anything is unpacked
MAX_BYTES = 64 * 1024 * 1024
FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "TIFF", "BMP", "GIF")
# What the decoders raise for broken bytes; AVIF's says RuntimeError.
BROKEN = (OSError, SyntaxError, ValueError, EOFError, RuntimeError)
QUALITY = 97
_SHRINK = 8  # a JPEG is proved whole by unpacking it at an eighth of its size


class NotPaper(ValueError):  # noqa: N818  # it names what the file is
    """A file cannot play a sheet of paper; the message is a whole sentence."""


@dataclass(frozen=True, slots=True)
class Paper:
    """One checked sheet: its file, its size in pixels, and whether its bytes are already a JPEG."""

    path: Path
    width: int
    height: int
    jpeg: bool
    grey: bool


def lay_in(path: Path) -> Paper:
    """Check one file; raises NotPaper when it is no picture, not one picture, broken or too large."""
    try:
        _check_size(path)
        with Image.open(path, formats=FORMATS) as picture:
            return _checked(path, picture)
    except (UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise NotPaper(
            f"{path.name} is not a picture this feeder knows, so not a sheet."
        ) from error
    except NotPaper:
        raise
    except BROKEN as error:
        raise NotPaper(f"{path.name} cannot be read as a whole picture: {error}.") from error


def _check_size(path: Path) -> None:
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise NotPaper(f"{path.name} has {size} bytes: a sheet may have {MAX_BYTES} at most.")


def _checked(path: Path, picture: Image.Image) -> Paper:
    width, height = picture.size
    if width * height > MAX_PIXELS:
        raise NotPaper(
            f"{path.name} has {width} x {height} pixels: a sheet may have {MAX_PIXELS} at most."
        )
    if getattr(picture, "n_frames", 1) != 1:
        raise NotPaper(f"{path.name} holds more than one picture: lay each in by itself.")
    jpeg, grey = picture.format == "JPEG", picture.mode == "L"
    if jpeg:
        picture.draft(None, (width // _SHRINK, height // _SHRINK))
    picture.load()
    return Paper(path, width, height, jpeg, grey)


def as_jpeg(paper: Paper, *, colour: bool) -> bytes:
    """Give the sheet as JPEG: a JPEG file byte for byte, unless colour is asked of a grey one."""
    data = paper.path.read_bytes()
    if paper.jpeg and not (colour and paper.grey):
        return data
    with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
        out = io.BytesIO()
        flat = _flattened(picture)
        flat.save(out, "JPEG", quality=QUALITY, subsampling=0)
        return out.getvalue()


def white_side(paper: Paper) -> bytes:
    """Give the empty back of a sheet as JPEG."""
    out = io.BytesIO()
    Image.new("RGB", (paper.width, paper.height), (252, 252, 252)).save(
        out, "JPEG", quality=QUALITY
    )
    return out.getvalue()


def _flattened(picture: Image.Image) -> Image.Image:
    """Lay a transparent picture on white paper."""
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    upper = picture.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", upper.size, "white"), upper).convert("RGB")
