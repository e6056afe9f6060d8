"""What city hall must think of our own certificate: asked of OpenSSL in memory, without any network."""

import logging
import ssl
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

# A TLS 1.3 handshake needs three flights; more rounds than that mean that nothing moves any more.
ROUNDS: Final = 6
ENDING_DAYS: Final = 10
"""So many days before its certificate ends a box says so at each start: time for a visit to the depot."""

log = logging.getLogger("madobus.uplink")


def certificate_problem(ca: Path, certificate: Path, key: Path) -> str | None:
    """Return OpenSSL's word for what is wrong with this box's certificate under our authority, or None.

    TLS 1.3 tells a client too late and often not at all why its certificate was refused, so the
    handshake is played once more between two ends in memory, by this box's own clock.
    """
    return _played(ca, certificate, key)[0]


def certificate_end(ca: Path, certificate: Path, key: Path, now: datetime) -> datetime | None:
    """Return when this box's certificate ends, and log it when that is soon; None for one that is no good now."""
    try:
        problem, hall = _played(ca, certificate, key)
    except OSError:
        return None  # the first dial says what is wrong with the files
    told = hall.getpeercert() if problem is None else None
    if not told:
        return None
    end = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(told["notAfter"])), UTC)
    days = (end - now).days
    if days < ENDING_DAYS:
        log.warning("certificate.ending days=%d", days)
    return end


def _played(ca: Path, certificate: Path, key: Path) -> tuple[str | None, ssl.SSLObject]:
    """Play the handshake; returns what is wrong, and city hall's end of it."""
    hall = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    hall.load_cert_chain(certificate, key)
    hall.load_verify_locations(ca)
    hall.verify_mode = ssl.CERT_REQUIRED
    box = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    box.check_hostname = False
    box.verify_mode = ssl.CERT_NONE  # the far end is ourselves
    box.load_cert_chain(certificate, key)
    upward, downward = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = (
        box.wrap_bio(downward, upward),
        hall.wrap_bio(upward, downward, server_side=True),
    )
    for _ in range(ROUNDS):
        for end in ends:
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
            except ssl.SSLCertVerificationError as error:
                return error.verify_message, ends[1]
            except ssl.SSLError as error:
                return error.reason or "the handshake fails", ends[1]
    return None, ends[1]
