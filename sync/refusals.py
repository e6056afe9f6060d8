"""The numbers a refusal carries on the wire; a number is never reused (docs/protocol.md, "Refusals")."""

from enum import IntEnum, unique
from typing import Final

# Below this number a refusal ends the session; from it on it sets one envelope or letter aside.
FIRST_SINGLE: Final = 200


@unique
class Refused(IntEnum):
    """Why one side does not go on; 1xx ends the session, 2xx sets an envelope aside, 3xx a letter."""

    NOT_UNDERSTOOD = 100
    OUT_OF_ORDER = 101
    VERSION = 102
    OTHER_DEVICE = 103
    UNKNOWN_DEVICE = 104
    REVOKED_DEVICE = 105
    NEWER_SESSION = 106
    TOO_MUCH = 107
    SILENT = 108
    HALL_FULL = 109
    NOT_OFFERED = 110
    SLIP_SHAPE = 200
    SLIP_SIGNATURE = 201
    SLIP_SENDER = 202
    SLIP_PAYLOAD = 203
    OTHER_BYTES = 204
    TOO_LARGE = 205
    NO_SUCH_ITEM = 206
    PART_MISMATCH = 207
    AFTER_REVOCATION = 208
    LETTER_SHAPE = 300
    LETTER_NOT_SIGNED = 301
    LETTER_OLD = 302


def ends_session(code: int) -> bool:
    """Tell whether a refusal with this number ends the whole session."""
    return code < FIRST_SINGLE
