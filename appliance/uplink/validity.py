"""Whether a certificate's days hold by what the box knows of the time.

OpenSSL asks the kernel's wall clock, which on a bus may say 1970: city hall would never be reached, and nobody else
could set it right. So the days are looked at here, by the clock that knows its doubt; everything else stays OpenSSL's.
"""

import ssl
from collections.abc import Mapping
from typing import Any, Final

from sync.clock import ClockQuality, Instant

NO_CHECK_TIME: Final = ssl.VerifyFlags(0x200000)
"""OpenSSL's X509_V_FLAG_NO_CHECK_TIME, which Python has no name for."""


def check_days(certificate: Mapping[str, Any], now: Instant) -> None:
    """Raise SSLCertVerificationError when the certificate (`getpeercert`) is surely not valid at `now`.

    A clock nobody vouches for refuses nobody: who city hall is, its name and authority prove, and nothing is believed
    that its signing key did not sign.
    """
    if now.quality is ClockQuality.UNSYNCED:
        return
    seconds = now.wall.timestamp()
    begins = ssl.cert_time_to_seconds(certificate["notBefore"])
    ends = ssl.cert_time_to_seconds(certificate["notAfter"])
    if seconds + now.uncertainty_s < begins:
        raise _refusal("certificate is not yet valid")
    if seconds - now.uncertainty_s > ends:
        raise _refusal("certificate has expired")


def _refusal(words: str) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(words)
    error.verify_message = words
    return error
