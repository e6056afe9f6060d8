"""The dialect tus 1.0.0: core, creation, creation with upload, termination, expiration."""

import base64
import re
from collections.abc import Mapping
from email.utils import format_datetime
from typing import Any, Final

from aiohttp import web

from cityhall.intake.dialect import Wish, whole_number, wrong_type
from cityhall.intake.problem import ProblemError
from cityhall.intake.upload import Upload
from sync.frames import LENGTH_MAX
from sync.refusals import Refused

VERSION: Final = "1.0.0"
EXTENSIONS: Final = "creation,creation-with-upload,termination,expiration"
MEDIA: Final = "application/offset+octet-stream"
METADATA_LIMIT: Final = 16
_PAIR: Final = re.compile(r"([^\s,]+) ([A-Za-z0-9+/]+={0,2})")


class Tus:
    """Reads and writes the headers of tus."""

    def creation(self, request: web.Request) -> Wish:
        """Return what a POST asks for; raises ProblemError."""
        _same_version(request)
        length = whole_number(request, "Upload-Length")
        if length is None:
            raise ProblemError(
                Refused.NOT_UNDERSTOOD,
                "creation",
                "Upload-Length tells the item's bytes",
                "it is missing or no number; deferred lengths are not spoken here",
                "send Upload-Length",
            )
        if request.body_exists:
            wrong_type(request, MEDIA)
        return Wish(0, ends=False, length=length)

    def append(self, request: web.Request) -> Wish:
        """Return what a PATCH asks for; raises ProblemError."""
        _same_version(request)
        wrong_type(request, MEDIA)
        offset = whole_number(request, "Upload-Offset")
        if offset is None:
            raise ProblemError(
                Refused.NOT_UNDERSTOOD,
                "append",
                "Upload-Offset tells where the body begins",
                "it is missing or no number",
                "ask with HEAD and send from that byte",
            )
        return Wish(offset, ends=False, length=None)

    def asked(self, request: web.Request) -> None:
        """Check a request that carries nothing; raises ProblemError."""
        _same_version(request)

    def created(self, upload: Upload, _view: Mapping[str, Any] | None) -> web.Response:
        """Answer a POST."""
        return web.Response(
            status=201, headers={"Location": upload.path, **self._facts(upload, length=False)}
        )

    def appended(self, upload: Upload, _view: Mapping[str, Any] | None) -> web.Response:
        """Answer a PATCH."""
        return web.Response(status=204, headers=self._facts(upload, length=False))

    def told(self, upload: Upload) -> web.Response:
        """Answer a HEAD."""
        item = {"envelope": upload.item.env_id.hex(), "item": str(upload.item.number)}
        pairs = (f"{key} {base64.b64encode(one.encode()).decode()}" for key, one in item.items())
        facts = self._facts(upload, length=True)
        return web.Response(headers={**facts, "Upload-Metadata": ",".join(pairs)})

    def cancelled(self) -> web.Response:
        """Answer a DELETE."""
        return web.Response(status=204, headers={"Tus-Resumable": VERSION})

    def refusing(self, problem: ProblemError) -> dict[str, str]:
        """Return the headers that go with a refusal."""
        told = {"Tus-Resumable": VERSION}
        if problem.code is Refused.VERSION:
            told["Tus-Version"] = VERSION
        if problem.offset is not None:
            told["Upload-Offset"] = str(problem.offset)
        return told

    @staticmethod
    def _facts(upload: Upload, *, length: bool) -> dict[str, str]:
        told = {
            "Tus-Resumable": VERSION,
            "Upload-Offset": str(upload.offset),
            "Cache-Control": "no-store",
        }
        if length and upload.length:
            told["Upload-Length"] = str(upload.length)
        if upload.complete:
            told["Content-Location"] = upload.envelope_path
        else:
            told["Upload-Expires"] = format_datetime(upload.expires, usegmt=True)
        return told


def options() -> dict[str, str]:
    """Return what this dialect tells before anything is asked."""
    return {
        "Tus-Resumable": VERSION,
        "Tus-Version": VERSION,
        "Tus-Extension": EXTENSIONS,
        "Tus-Max-Size": str(LENGTH_MAX),
    }


def metadata(request: web.Request) -> dict[str, str]:
    """Return Upload-Metadata as texts; a pair that is not written as tus says is left out."""
    found = {}
    for pair in request.headers.get("Upload-Metadata", "").split(",")[:METADATA_LIMIT]:
        if (match := _PAIR.fullmatch(pair.strip())) is not None:
            try:
                found[match[1]] = base64.b64decode(match[2], validate=True).decode("ascii")
            except ValueError:
                continue
    return found


def _same_version(request: web.Request) -> None:
    spoken = request.headers.get("Tus-Resumable")
    if spoken != VERSION:
        raise ProblemError(
            Refused.VERSION,
            "tus",
            f"version {VERSION} is spoken here",
            f"Tus-Resumable is {spoken!r}",
            f"send Tus-Resumable: {VERSION}",
        )
