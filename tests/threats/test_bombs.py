"""Pictures made to hurt (T15): each is refused in words, its worker stays small, and the next sheet is read."""

import io
import struct
import zipfile
import zlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from PIL import Image

from appliance.desk.pages.reader import PageReader
from tests.papers.test_opening import png_header

MOST_MB = 700
"""Of one worker, its libraries and models among them; the reference's bomb alone took 5,200 without a limit."""
REFUSED = {"not_a_picture", "too_large", "broken_picture", "too_many_bytes", "reading_stopped"}


def chunk(kind: bytes, data: bytes) -> bytes:
    """Return one PNG chunk."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_of_900_megapixels() -> bytes:
    """A hundred kilobytes that decode to gigabytes: 30,000 x 30,000 of one grey, all of them really there."""
    rows = zlib.compressobj(9)
    packed = b"".join(rows.compress(bytes(30_001 * 1_000)) for _ in range(30)) + rows.flush()
    head = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
    )


def png_with_a_bomb_in_a_text_chunk() -> bytes:
    """A small picture whose compressed comment unpacks to 50 MB."""
    out = io.BytesIO()
    Image.new("RGB", (40, 40)).save(out, "PNG")
    plain = out.getvalue()
    bomb = chunk(b"zTXt", b"note\0\0" + zlib.compress(bytes(50_000_000), 9))
    return plain[:33] + bomb + plain[33:]


def jpeg_of_65535() -> bytes:
    """A header that promises 65,535 x 65,535."""
    out = io.BytesIO()
    Image.new("RGB", (16, 16)).save(out, "JPEG")
    data = bytearray(out.getvalue())
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = b"\xff\xff\xff\xff"
    return bytes(data)


def tiff_that_chases_itself() -> bytes:
    """A directory whose next directory is itself, without a picture."""
    entry = struct.pack("<HHII", 256, 3, 1, 1)
    return b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", 1) + entry + struct.pack("<I", 8)


def gif_of_many_frames() -> bytes:
    """Two thousand frames of one pixel on a canvas of 65,535 x 65,535."""
    head = b"GIF89a" + struct.pack("<HH", 65_535, 65_535) + b"\x80\0\0" + bytes(6)
    frame = b"\x2c" + struct.pack("<HHHH", 0, 0, 1, 1) + b"\0\x02\x02\x44\x01\0"
    return head + frame * 2_000 + b"\x3b"


def zip_in_zip() -> bytes:
    """An archive: nobody here unpacks one."""
    data = bytes(10_000_000)
    for depth in range(3):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
            made.writestr(f"{depth}", data)
        data = out.getvalue()
    return data


def pdf_with_a_script() -> bytes:
    """A document with an action, a launch and an endless stream."""
    return (
        b"%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.launchURL('x'))>>>>endobj\n"
        b"2 0 obj<</S/Launch/F(cmd.exe)>>endobj\n3 0 obj<</Filter/FlateDecode/Length 10200>>stream\n"
        + zlib.compress(bytes(10_000_000), 9)
        + b"\nendstream endobj\n%%EOF"
    )


def svg_of_laughs() -> bytes:
    """Entities that grow by ten at each step."""
    steps = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return f'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY l0 "ha">{steps}]><svg>&l9;</svg>'.encode()


def polyglot() -> bytes:
    """A picture's beginning, a document and an archive in one file."""
    return png_header(20_000, 20_000) + pdf_with_a_script() + zip_in_zip()


BOMBS: tuple[Callable[[], bytes], ...] = (
    png_of_900_megapixels,
    jpeg_of_65535,
    tiff_that_chases_itself,
    gif_of_many_frames,
    zip_in_zip,
    pdf_with_a_script,
    svg_of_laughs,
    polyglot,
    png_with_a_bomb_in_a_text_chunk,
)


@pytest.fixture
async def reader() -> AsyncIterator[PageReader]:
    """Give a reader with one worker."""
    made = PageReader(1)
    yield made
    await made.close()


def peak_mb(reader: PageReader) -> float:
    """Return the most memory the reader's worker ever held."""
    status = Path(f"/proc/{reader._idle[0].pid}/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc: memory is not seen")
async def test_every_bomb_is_refused_by_one_small_worker(reader: PageReader) -> None:
    """One and the same worker refuses all of them; it never died, and never held much."""
    first = await reader.read(b"no picture", "image/jpeg", 300, deep=False)
    worker = reader._idle[0].pid
    found = {}
    for bomb in BOMBS:
        sheet = await reader.read(bomb(), "image/png", 300, deep=False)
        found[bomb.__name__] = {one.code for one in sheet.findings}
    assert first.kind == "unreadable"
    assert {name: codes for name, codes in found.items() if not codes or codes - REFUSED} == {}
    assert reader._idle[0].pid == worker
    assert peak_mb(reader) < MOST_MB
