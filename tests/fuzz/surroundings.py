"""Targets of what devices and clients tell: udev facts, scanners' words, rasters, pictures, upload headers."""

import io
import tempfile
import warnings
from contextlib import suppress
from copy import copy
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Final

import numpy as np
from aiohttp import hdrs, web
from aiohttp.test_utils import make_mocked_request
from multidict import CIMultiDict, CIMultiDictProxy
from PIL import Image

from appliance.desk.snapshot import SnapshotLost, decode_snapshot, encode_snapshot
from cityhall.intake import tus
from cityhall.intake.digest import Digest
from cityhall.intake.problem import ProblemError
from cityhall.intake.resumable import Resumable
from hardware.hotplug.udev import difference, plugged
from hardware.scanner.escl import read_counts, read_job, read_status
from hardware.scanner.options import read_options
from hardware.scanner.papers import NotPaper, as_jpeg, lay_in
from hardware.scanner.raster import read_raster
from hardware.tpm import commands
from papers import leaf, look, residual, showable
from papers.opening import PictureRefusedError, open_picture
from papers.tones import toned
from provisioning.shares import unlock_share
from sync import canonical
from sync.errors import SealError
from sync.pinlock import SECRET_MAX, lock_secret
from tests.fuzz.custody import text_of
from tests.fuzz.target import Target

_FOLDER: Final = Path(tempfile.mkdtemp(prefix="madobus-fuzz-"))


_REQUEST: Final = make_mocked_request(hdrs.METH_POST, "/uploads")


def _request(data: bytes) -> web.Request:
    """Return a request whose headers are the lines of the text, as an HTTP parser would hand them over."""
    headers: CIMultiDict[str] = CIMultiDict()
    for line in text_of(data).split("\n")[:32]:
        name, _, value = line.partition(":")
        value = value.strip().translate({0: None, 13: None})
        digits = value.isascii() and value.isdecimal() and len(value) < 19
        if name.strip() and (name.strip().lower() != "content-length" or digits):
            headers.add(name.strip(), value)
    request = copy(_REQUEST)
    request._cache = {}
    request._headers = CIMultiDictProxy(
        headers
    )  # the mock takes no lone surrogates, the parser does
    return request


def _tus(data: bytes) -> None:
    request, dialect = _request(data), tus.Tus()
    tus.metadata(request)
    for read in (dialect.creation, dialect.append, dialect.asked):
        try:
            read(request)
        except ProblemError as problem:
            dialect.refusing(problem)


class _Noon:
    """A clock that stands."""

    def now(self) -> datetime:
        """Return noon of a day."""
        return datetime(2026, 11, 24, 3, tzinfo=UTC)

    def monotonic(self) -> float:
        """Return no seconds."""
        return 0.0


def _resumable(data: bytes) -> None:
    request, dialect = _request(data), Resumable(_Noon())
    for read in (dialect.creation, dialect.append):
        try:
            read(request)
        except ProblemError as problem:
            dialect.refusing(problem)


_TUS: Final = [
    b"Tus-Resumable: 1.0.0\nUpload-Length: 100\nUpload-Metadata: envelope YQ==,item MA==",
    b"Tus-Resumable: 1.0.0\nUpload-Offset: 5\nContent-Type: application/offset+octet-stream",
]
_DRAFT: Final = [
    b"Upload-Complete: ?0\nUpload-Length: 100\nContent-Length: 20",
    b"Upload-Complete: ?1\nUpload-Offset: 5\nContent-Type: application/partial-upload",
]


def _digest(data: bytes) -> None:
    found = Digest(text_of(data))
    found.update(b"body")
    found.holds()


def _udev(data: bytes) -> None:
    words = [*text_of(data).split("\n"), "", "", "", ""]
    facts = dict(line.partition("=")[::2] for line in words)
    device = SimpleNamespace(
        device_path=words[0],
        subsystem=words[1] or None,
        device_node=words[2] or None,
        properties=facts,
    )
    one = plugged(device)
    difference({}, {one.path: one})


def _options(data: bytes) -> None:
    found = read_options(text_of(data))
    found.feeder("ADF")
    found.feeder("ADF", duplex=True)
    found.colour()
    found.resolution(300)


def _status(data: bytes) -> None:
    read_status(data)
    read_counts(data)
    read_job(data)


def _tpm(data: bytes) -> None:
    """A chip's answer with a right length, so that what lies behind it is read."""
    answer = data[:2] + len(data).to_bytes(4, "big") + data[6:]
    for one in (data, answer):
        for read in (commands.code_of, commands.data_of, commands.permanent_of):
            with suppress(ValueError):
                read(one)


def _share(data: bytes) -> None:
    with suppress(ValueError, SealError):
        unlock_share(lock_secret(data[:SECRET_MAX], "000000", bytes(16), bytes(12)), "000000")
    unlock_share(data, "000000")


def _raster(data: bytes) -> None:
    path = _FOLDER / "sheet.pnm"
    path.write_bytes(data)
    read_raster(path, 75)


def _paper(data: bytes) -> None:
    path = _FOLDER / "sheet.picture"
    path.write_bytes(data)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the suite makes errors of them
        paper = lay_in(path)
        if paper.width * paper.height < 1 << 20:
            as_jpeg(paper, colour=True)


def _pictures() -> list[bytes]:
    made = []
    for form in ("JPEG", "PNG", "WEBP", "AVIF", "TIFF", "BMP", "PPM"):
        out = io.BytesIO()
        Image.linear_gradient("L").resize((16, 24)).convert("RGB").save(out, form)
        made.append(out.getvalue())
    return made


def _rung(data: bytes) -> None:
    for mark in (leaf.MARK, look.MARK, residual.TYPE_MARK):
        with suppress(leaf.LeafError, residual.ResidualError):
            showable.open_any(mark + data[4:])


def _rungs() -> list[bytes]:
    page = np.full((24, 40, 3), 250, np.uint8)
    page[8:12, 4:30] = 20
    return [leaf.write_leaf(toned(page)), look.write_look(page, [(4, 8, 26, 4)])]


def _snapshot(data: bytes) -> None:
    encode_snapshot(decode_snapshot(data))


_OPTIONS: Final = [
    b"    --source Flatbed|ADF [Flatbed]\n    --mode Color|Gray [Gray]\n    -x 0..215.9mm [215.9]\n",
    b"    --resolution 75..600dpi (in steps of 1) [75]\n    --page-loaded[=(yes|no)] [no]\n",
]
_PWG: Final = b'xmlns:pwg="http://www.pwg.org/schemas/2010/12/sm"'
_STATUS: Final = [
    b"<s "
    + _PWG
    + b"><pwg:State>Idle</pwg:State><XResolution>300</XResolution><Width>9</Width></s>"
]

_ANSWER: Final = b"\x80\x02" + bytes(12) + b"\x00\x04abcd"
_SHARE: Final = [1, bytes(8), "a", [["b", bytes(32)], ["c", bytes(32)]]]

TARGETS: Final = (
    Target("tpm-answer", _tpm, (), lambda: [bytes(40), _ANSWER]),
    Target("recovery-share", _share, (ValueError, SealError), lambda: [canonical.encode(_SHARE)]),
    Target("tus-headers", _tus, (), lambda: _TUS, (b"Upload-Metadata:", b"Content-Type:"), 1024),
    Target("draft-headers", _resumable, (), lambda: _DRAFT, (b"Upload-Complete:",), 1024),
    Target("content-digest", _digest, (), lambda: [b"sha-256=:YWJj:,sha-512=:YQ==:"], (), 512),
    Target("udev", _udev, (), lambda: [b"/devices/1\nusb\n/dev/x\nID_VENDOR_ID=04c5\nID_MODEL=fi"]),
    Target("sane-options", _options, (), lambda: _OPTIONS, (b"--source ", b"-y 0..", b"mm")),
    Target("escl", _status, (ValueError,), lambda: _STATUS),
    Target("raster", _raster, (ValueError,), lambda: [b"P5\n4 4\n255\n" + bytes(16)], (b"P6",), slow=True),
    Target("sheet-file", _paper, (NotPaper,), _pictures, slow=True),
    Target("picture", open_picture, (PictureRefusedError,), _pictures, slow=True),
    Target("rungs", _rung, (), _rungs, slow=True),
    Target("snapshot", _snapshot, (SnapshotLost,), lambda: [b"{}", b'{"pack":"a","batches":[]}']),
)  # fmt: skip
