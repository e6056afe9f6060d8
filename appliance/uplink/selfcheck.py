"""What city hall must think of our own certificate: asked of OpenSSL in memory, without any network."""

import ssl
from pathlib import Path
from typing import Final

# A TLS 1.3 handshake needs three flights; more rounds than that mean that nothing moves any more.
ROUNDS: Final = 6


def certificate_problem(ca: Path, certificate: Path, key: Path) -> str | None:
    """Return OpenSSL's word for what is wrong with this box's certificate under our authority, or None.

    TLS 1.3 tells a client too late and often not at all why its certificate was refused, so the
    handshake is played once more between two ends in memory, by this box's own clock.
    """
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
                return error.verify_message
            except ssl.SSLError as error:
                return error.reason or "the handshake fails"
    return None
