"""Filing made-up envelopes on city hall's shelf."""

import hashlib
from collections.abc import Callable
from datetime import datetime

from cityhall.mail.models import Arrived
from cityhall.mail.store import HallMail
from sync.envelope import Envelope
from tests.support.makers import instant

AT = instant().wall
BOX = "bus-07"

OpenMail = Callable[[], HallMail]


def stage_1(number: str, index: int) -> bytes:
    """Return a receipt that names number and place."""
    return f"1 {number} {index}".encode()


def stage_2(number: str, index: int) -> bytes:
    """Return the second receipt."""
    return f"2 {number} {index}".encode()


def file(mail: HallMail, sealed: Envelope, at: datetime = AT) -> Arrived:
    """File a slip."""
    digest = hashlib.sha256(sealed.slip).digest()
    return mail.commit_slip(
        sealed.env_id,
        device=BOX,
        slip=sealed.slip,
        header=sealed.header,
        sha256=digest,
        at=at,
        receipt_for=stage_1,
    )
