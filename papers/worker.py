"""The process that opens pictures from outside for people to see: each in a child of its own that dies with it.

Started by `papers.showing` as `python -m papers.worker [FOLDER OF BLANKS]`; speaks over stdin and stdout only. The
parent never decodes: it forks, takes bare pixels back, counts them and writes the picture anew. The child has no file,
no network, no other program, and neither sees nor touches any other picture.
"""

import io
import os
import resource
import select
import signal
import struct
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO, Final

import cv2
import numpy as np
from PIL import AvifImagePlugin, Image

from papers import notice, tables
from papers.blank import Blank, own_blanks, read_blanks
from papers.confine import confine
from papers.leaf import LeafError
from papers.notice import Notices
from papers.opening import Picture, PictureRefusedError, open_picture
from papers.residual import ResidualError, compose
from papers.showable import OWN_TYPES, RESIDUAL, open_any, type_of, written

ASKED: Final = struct.Struct(">I")
"""Before a request: how many bytes the picture has."""
ANSWER: Final = struct.Struct(">BI")
"""Before an answer: what it is, and how many bytes the written picture has."""
REFUSED, PLAIN, RECONSTRUCTED, WITHOUT_BLANK = range(4)

BYTES_MOST: Final = 8 << 20
PIXELS_MOST: Final = 20_000_000
"""A4 at 400 dpi has 15.5 million."""
_PIXELS: Final = struct.Struct(">BII")
_MEMORY_LIMIT: Final = 2 << 30
_CPU_LIMIT_S: Final = 10
_WALL_LIMIT_S: Final = 60.0
_FORMATS: Final = ("JPEG", "PNG", "WEBP", "AVIF")
_REFUSALS: Final = (PictureRefusedError, ResidualError, LeafError)


def serve(
    source: BinaryIO, sink: BinaryIO, blanks: Mapping[bytes, Blank], notices: Notices
) -> None:
    """Write pictures anew until the pipe closes."""
    while len(head := source.read(ASKED.size)) == ASKED.size:
        data = source.read(ASKED.unpack(head)[0])
        code, picture = _in_child(data, blanks, notices)
        told = b"" if picture is None else written(picture)
        sink.write(ANSWER.pack(code, len(told)) + told)
        sink.flush()


def _in_child(
    data: bytes, blanks: Mapping[bytes, Blank], notices: Notices
) -> tuple[int, Picture | None]:
    """Decode in a child; whatever it does, an answer comes within the limits."""
    near, far = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.close(near)
            _decode_confined(data, blanks, notices, far)
            status = 0
        finally:
            os._exit(status)
    os.close(far)
    try:
        told = _read_all(near, PIXELS_MOST * 3 + _PIXELS.size)
    finally:
        os.close(near)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    return _checked(told)


def _decode_confined(
    data: bytes, blanks: Mapping[bytes, Blank], notices: Notices, far: int
) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_LIMIT, _MEMORY_LIMIT))
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_LIMIT_S, _CPU_LIMIT_S))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    confine()
    try:
        code, picture = decode(data, blanks, notices)
    except _REFUSALS:
        return
    height, width = picture.shape[:2]
    with os.fdopen(far, "wb", closefd=False) as pipe:
        pipe.write(_PIXELS.pack(code, width, height))
        pipe.write(picture.tobytes())


def decode(data: bytes, blanks: Mapping[bytes, Blank], notices: Notices) -> tuple[int, Picture]:
    """Open a page, or lay a residual on its blank; raises what `_REFUSALS` names."""
    kind = type_of(data)
    if kind == RESIDUAL:
        composed = compose(data, blanks)
        if composed.blank_known:
            return RECONSTRUCTED, notices.above(composed.picture, notice.RECONSTRUCTED)
        return WITHOUT_BLANK, notices.above(composed.picture, notice.WITHOUT_BLANK)
    if kind in OWN_TYPES:
        return PLAIN, open_any(data)
    return PLAIN, open_picture(data, _FORMATS, PIXELS_MOST)


def _read_all(pipe: int, most: int) -> bytes:
    """Read a pipe to its end; nothing at all when it says more than `most` or takes too long."""
    told, until = bytearray(), time.monotonic() + _WALL_LIMIT_S
    while (left := until - time.monotonic()) > 0 and select.select([pipe], [], [], left)[0]:
        more = os.read(pipe, 1 << 20)
        if not more:
            return bytes(told)
        told += more
        if len(told) > most:
            break
    return b""


def _checked(told: bytes) -> tuple[int, Picture | None]:
    """Believe a child nothing but a code it may say and exactly as many pixels as it announced."""
    if len(told) <= _PIXELS.size:
        return REFUSED, None
    code, width, height = _PIXELS.unpack_from(told)
    if (
        code not in (PLAIN, RECONSTRUCTED, WITHOUT_BLANK)
        or width * height * 3 != len(told) - _PIXELS.size
    ):
        return REFUSED, None
    pixels = np.frombuffer(told, np.uint8, offset=_PIXELS.size)
    return code, pixels.reshape(height, width, 3)


def _load_decoders() -> None:
    """Open one small picture of each kind now: a confined child can load no library."""
    cv2.setNumThreads(1)
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    for kind in _FORMATS:
        out = io.BytesIO()
        Image.new("RGB", (16, 16)).save(out, kind)
        open_picture(out.getvalue(), _FORMATS)
    for number in range(len(tables.NAMES)):
        tables.table(number)


def main() -> int:
    """Serve until the one who started this hangs up."""
    sink = sys.stdout.buffer
    sys.stdout = sys.stderr
    blanks = [*own_blanks(), *(one for folder in sys.argv[1:] for one in read_blanks(Path(folder)))]
    _load_decoders()
    known = {bytes.fromhex(blank.sha256): blank for blank in blanks}
    serve(sys.stdin.buffer, sink, known, Notices())
    return 0


if __name__ == "__main__":
    sys.exit(main())
