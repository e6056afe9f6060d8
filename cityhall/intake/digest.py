"""The digest a client announces for one body (Content-Digest, RFC 9530), checked as the bytes come."""

import base64
import hashlib
import re
from typing import Final

# The algorithms that are kept up by the registry of RFC 9530; others are passed over.
_KNOWN: Final = {"sha-256": hashlib.sha256, "sha-512": hashlib.sha512}
_MEMBER: Final = re.compile(r"([a-z0-9*._-]+)=:([A-Za-z0-9+/]*={0,2}):")


class Digest:
    """What one request's content must hash to; nothing announced always holds."""

    def __init__(self, written: str) -> None:
        # Of a name that stands there again the last one counts (RFC 8941), so a head cannot ask for hundreds of hashes.
        told = {
            match[1]: match[2]
            for member in written.split(",")
            if (match := _MEMBER.fullmatch(member.strip())) is not None and match[1] in _KNOWN
        }
        self._hashes = [(_KNOWN[name](), digest) for name, digest in told.items()]

    def update(self, data: bytes) -> None:
        """Take the next bytes."""
        for running, _ in self._hashes:
            running.update(data)

    def holds(self) -> bool:
        """Tell whether what came is what was announced."""
        return all(
            base64.b64encode(running.digest()).decode("ascii") == told
            for running, told in self._hashes
        )
