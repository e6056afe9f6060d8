"""The dialect of the IETF draft "Resumable Uploads for HTTP": careful creation, no interim responses."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from aiohttp import web

from cityhall.intake.clock import Time
from cityhall.intake.dialect import Wish, whole_number, wrong_type
from cityhall.intake.problem import ProblemError
from cityhall.intake.refusing import inconsistent_length
from cityhall.intake.upload import Upload
from cityhall.mail.uploads import UPLOAD_AGE
from sync.frames import LENGTH_MAX
from sync.refusals import Refused

MEDIA: Final = "application/partial-upload"
_BOOLEANS: Final = {"?1": True, "?0": False}


class Resumable:
    """Reads and writes the headers of the draft."""

    def __init__(self, time: Time) -> None:
        self._time = time

    def creation(self, request: web.Request) -> Wish:
        """Return what a POST asks for; raises ProblemError."""
        return self._wish(request, 0)

    def append(self, request: web.Request) -> Wish:
        """Return what a PATCH asks for; raises ProblemError."""
        wrong_type(request, MEDIA)
        offset = whole_number(request, "Upload-Offset")
        if offset is None:
            raise _missing("append", "Upload-Offset tells where the body begins")
        return self._wish(request, offset)

    def asked(self, _request: web.Request) -> None:
        """Check a request that carries nothing."""

    def created(self, upload: Upload, view: Mapping[str, Any] | None) -> web.Response:
        """Answer a POST."""
        headers = {"Location": upload.path, **self._facts(upload)}
        if view is not None:
            return web.json_response(view, headers=headers)
        return web.Response(status=201, headers=headers)

    def appended(self, upload: Upload, view: Mapping[str, Any] | None) -> web.Response:
        """Answer a PATCH; the last one has what city hall knows of the envelope now."""
        if view is not None:
            return web.json_response(view, headers=self._facts(upload))
        return web.Response(status=204, headers=self._facts(upload))

    def told(self, upload: Upload) -> web.Response:
        """Answer a HEAD or GET."""
        return web.Response(status=204, headers=self._facts(upload))

    def cancelled(self) -> web.Response:
        """Answer a DELETE."""
        return web.Response(status=204)

    def refusing(self, problem: ProblemError) -> dict[str, str]:
        """Return the headers that go with a refusal; complete means: the whole item came and was judged."""
        told = {"Upload-Complete": "?1" if problem.final else "?0", "Upload-Limit": limits()}
        if problem.offset is not None:
            told["Upload-Offset"] = str(problem.offset)
        return told

    def _wish(self, request: web.Request, offset: int) -> Wish:
        ends = _BOOLEANS.get(request.headers.get("Upload-Complete", "").strip())
        if ends is None:
            raise _missing("upload", "Upload-Complete tells whether the body ends the item")
        told = whole_number(request, "Upload-Length")
        if not ends or request.content_length is None:
            return Wish(offset, ends, told)
        length = offset + request.content_length
        if told is not None and told != length:
            raise inconsistent_length("upload", length, told)
        return Wish(offset, ends, length)

    def _facts(self, upload: Upload) -> dict[str, str]:
        told = {
            "Upload-Offset": str(upload.offset),
            "Upload-Complete": "?1" if upload.complete else "?0",
            "Upload-Limit": limits(upload.item.longest, upload.expires, self._time.now()),
            "Cache-Control": "no-store",
        }
        if upload.length:
            told["Upload-Length"] = str(upload.length)
        if upload.complete:
            told["Content-Location"] = upload.envelope_path
        return told


def limits(
    longest: int = LENGTH_MAX, expires: datetime | None = None, now: datetime | None = None
) -> str:
    """Return Upload-Limit."""
    age = UPLOAD_AGE if expires is None or now is None else expires - now
    return f"max-size={longest}, min-size=1, max-age={int(age.total_seconds())}"


def options() -> dict[str, str]:
    """Return what this dialect tells before anything is asked."""
    return {"Upload-Limit": limits()}


def _missing(place: str, rule: str) -> ProblemError:
    return ProblemError(
        Refused.NOT_UNDERSTOOD,
        place,
        rule,
        "the header is missing or written wrongly",
        "send it as the draft says",
    )
