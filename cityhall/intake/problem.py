"""What the standards door says when it does not go on: one refusal as a problem document (RFC 9457)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from aiohttp import web

from sync.errors import PeerError
from sync.refusals import Refused

# Kinds of problem that the draft for resumable uploads names itself.
_IANA: Final = "https://iana.org/assignments/http-problem-types#"
MISMATCHING_OFFSET: Final = _IANA + "mismatching-upload-offset"
INCONSISTENT_LENGTH: Final = _IANA + "inconsistent-upload-length"

# The HTTP status that goes with a refusal's number.
STATUS: Final[Mapping[int, int]] = {
    Refused.NOT_UNDERSTOOD: 400,
    Refused.OUT_OF_ORDER: 409,
    Refused.VERSION: 412,
    Refused.OTHER_DEVICE: 403,
    Refused.UNKNOWN_DEVICE: 403,
    Refused.REVOKED_DEVICE: 403,
    Refused.NEWER_SESSION: 409,
    Refused.TOO_MUCH: 429,
    Refused.SILENT: 408,
    Refused.HALL_FULL: 507,
    Refused.NOT_OFFERED: 409,
    Refused.SLIP_SHAPE: 422,
    Refused.SLIP_SIGNATURE: 422,
    Refused.SLIP_SENDER: 403,
    Refused.SLIP_PAYLOAD: 422,
    Refused.OTHER_BYTES: 409,
    Refused.TOO_LARGE: 413,
    Refused.NO_SUCH_ITEM: 404,
    Refused.PART_MISMATCH: 422,
    Refused.AFTER_REVOCATION: 403,
}


@dataclass(eq=False)
class ProblemError(Exception):
    """One refusal: where, which rule, what was found, what helps; `code` is a number of docs/protocol.md.

    `offset` is the durable offset where the client may go on. `final` = the whole item came and was judged.
    """

    code: Refused
    place: str
    rule: str
    fact: str
    remedy: str
    status: int = 0
    kind: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)
    offset: int | None = None
    final: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.status = self.status or STATUS[self.code]

    def __str__(self) -> str:
        return f"{self.place}: {self.rule}; {self.fact}; {self.remedy}"

    def response(self, headers: Mapping[str, str]) -> web.Response:
        """Return the answer with the headers of the client's dialect; a body not read yet is not waited for."""
        told = {
            "type": self.kind or f"urn:madobus:refusal:{self.code:d}",
            "title": self.code.name.lower().replace("_", " "),
            "status": self.status,
            "detail": str(self),
            "refusal": int(self.code),
            "place": self.place,
            "rule": self.rule,
            "fact": self.fact,
            "remedy": self.remedy,
            **self.more,
        }
        answer = web.Response(
            status=self.status,
            text=json.dumps(told, ensure_ascii=False),
            content_type="application/problem+json",
            headers={"Cache-Control": "no-store", **self.headers, **headers},
        )
        answer.force_close()
        return answer


def from_peer(error: PeerError, *, final: bool = False) -> ProblemError:
    """Return what the rules inside said, as a problem; their sentence names place, rule and fact itself."""
    place, _, fact = str(error).partition(": ")
    return ProblemError(
        Refused(error.code),
        place,
        f"refusal {error.code} of the protocol",
        fact,
        "read docs/protocol.md, section Refusals",
        final=final,
    )
