"""Why an enrolment over a network ends without a certificate, for both screens, in families with numbers."""

from enum import IntEnum, unique

from sync.errors import PeerError, SyncError


@unique
class EnrolRefused(IntEnum):
    """What the depot answers a box it does not admit; a number is never reused."""

    NOT_UNDERSTOOD = 500
    WRONG_CODE = 501
    NO_TRIES_LEFT = 502
    EXPIRED = 503
    OVERHEARD = 504
    DECLINED = 505
    NOT_POSSIBLE = 506
    FULL = 507


class RefusedError(PeerError):
    """The depot does not admit this box; the sentence says why and what to do."""


class FalseDepotError(SyncError):
    """Whoever answers is not the depot the code is from; nothing was sent to it."""


class LineLostError(SyncError):
    """The depot cannot be reached, or the connection was cut; the code still counts until it expires."""
