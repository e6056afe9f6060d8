"""Three families of error: we misused the agreement, the peer broke it, a seal did not hold."""

from enum import Enum


class SyncError(Exception):
    """Something in the agreement between bus and city hall was not kept."""


class LocalError(SyncError):
    """We asked our own machine for something its state does not allow; a bug on this side."""


class PeerError(SyncError):
    """The other side sent something the agreement forbids. `code` is a number from docs/protocol.md."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


class FailureKind(Enum):
    """Why a sealed thing did not open; the four words of docs/envelope.md."""

    HEADER = "header failure"
    SIGNATURE = "signature failure"
    NO_MATCH = "no match"
    PAYLOAD = "payload failure"


class SealError(SyncError):
    """A sealed thing is not what its outside says; nothing of its content may be used."""

    def __init__(self, kind: FailureKind, message: str) -> None:
        super().__init__(f"{kind.value}: {message}")
        self.kind = kind
