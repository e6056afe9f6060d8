"""Turn the raw raster file SANE writes (PNM) into one trimmed JPEG, and take the file away."""

import io
import os
import shutil
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

from hardware.scanner.trim import trim

QUALITY = 95  # with full colour resolution: mean difference to the raw pixels stays below one step
CHANNELS = {b"P5": 1, b"P6": 3}
MAX_HEADER = 256
SCRATCH_FOLDERS = (Path("/dev/shm"), Path("/run/madobus"))  # noqa: S108  # memory, never a disk
PREFIX = "madobus-sheet-"
SCRATCH_ROOM = 512 * 1024 * 1024


def scratch_folder() -> Path:
    """Make a folder in memory for rasters; raises OSError when no memory filesystem has the room.

    What a process that died in the middle of a sheet left there is taken away first.
    """
    for place in SCRATCH_FOLDERS:
        if not place.is_dir():
            continue
        _sweep(place)
        if shutil.disk_usage(place).free >= SCRATCH_ROOM and os.access(place, os.W_OK):
            return Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=place))
    needed = SCRATCH_ROOM // 1024 // 1024
    raise OSError(f"no memory filesystem among {SCRATCH_FOLDERS} has {needed} MiB free")


def _sweep(place: Path) -> None:
    for folder in place.glob(f"{PREFIX}*"):
        owner = folder.name.removeprefix(PREFIX).partition("-")[0]
        if owner.isdecimal() and not Path("/proc", owner).exists():
            shutil.rmtree(folder, ignore_errors=True)


def read_raster(path: Path, dpi: int) -> bytes:
    """Read one 8-bit PNM file, delete it, trim its padding; raises ValueError when it is not whole."""
    try:
        with path.open("rb") as file:
            width, height, channels, offset = _header(file.read(MAX_HEADER))
        pixels = np.fromfile(path, dtype=np.uint8, offset=offset)
    finally:
        path.unlink(missing_ok=True)
    if pixels.size != width * height * channels:
        raise ValueError(f"raster has {pixels.size} bytes where {width}x{height} were promised")
    sheet = trim(pixels.reshape(height, width, channels), dpi)
    if channels == 1:
        sheet = np.repeat(sheet, 3, axis=2)
    out = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(sheet)).save(
        out, "JPEG", quality=QUALITY, subsampling=0, dpi=(dpi, dpi)
    )
    return out.getvalue()


def _header(head: bytes) -> tuple[int, int, int, int]:
    """Read magic, width, height and depth; comments run to their line's end."""
    fields: list[bytes] = []
    at = 0
    while len(fields) < len("Pwhd"):
        while head[at : at + 1].isspace():
            at += 1
        if head[at : at + 1] == b"#":
            at = head.index(b"\n", at)
            continue
        end = at
        while end < len(head) and not head[end : end + 1].isspace():
            end += 1
        if end in {at, len(head)}:
            raise ValueError("raster without a PNM header")
        fields.append(head[at:end])
        at = end
    magic, width, height, depth = fields
    if magic not in CHANNELS or depth != b"255":
        raise ValueError(f"raster of kind {magic!r} depth {depth!r}; only 8-bit P5 and P6 are read")
    return int(width), int(height), CHANNELS[magic], at + 1
