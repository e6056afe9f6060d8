"""What every way of speaking of uploads must be able to say, whatever its headers are called."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from aiohttp import web

from cityhall.intake.problem import ProblemError
from cityhall.intake.upload import Upload
from sync.refusals import Refused

_NUMBER: Final = re.compile(r"[0-9]{1,15}")


@dataclass(frozen=True, slots=True)
class Wish:
    """What a request wants: where its body begins, whether its end is the item's, the item's length if told."""

    offset: int
    ends: bool
    length: int | None


class Dialect(Protocol):
    """The headers of one standard, both ways. Readers raise ProblemError."""

    def creation(self, request: web.Request) -> Wish:
        """Read a POST."""

    def append(self, request: web.Request) -> Wish:
        """Read a PATCH."""

    def asked(self, request: web.Request) -> None:
        """Check a HEAD or DELETE."""

    def created(self, upload: Upload, view: Mapping[str, Any] | None) -> web.Response:
        """Answer a POST; `view` is what is known of the envelope, once the item is complete."""

    def appended(self, upload: Upload, view: Mapping[str, Any] | None) -> web.Response:
        """Answer a PATCH, likewise."""

    def told(self, upload: Upload) -> web.Response:
        """Answer a HEAD."""

    def cancelled(self) -> web.Response:
        """Answer a DELETE."""

    def refusing(self, problem: ProblemError) -> dict[str, str]:
        """Return the headers that go with a refusal."""


def whole_number(request: web.Request, name: str) -> int | None:
    """Return a header that is a number; None when it is missing or something else."""
    written = request.headers.get(name, "").strip()
    return int(written) if _NUMBER.fullmatch(written) else None


def wrong_type(request: web.Request, media: str) -> None:
    """Raise ProblemError when the body is of another media type, or coded."""
    found = request.content_type if "Content-Type" in request.headers else "none"
    if found != media:
        raise ProblemError(
            Refused.NOT_UNDERSTOOD,
            "body",
            f"its media type is {media}",
            f"it is {found}",
            f"send Content-Type: {media}",
            status=415,
        )
