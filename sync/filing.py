"""What stands in city hall's filing log for one envelope; both ends compute it (docs/protocol.md, "The log")."""

from typing import Final

LOG_ORIGIN: Final = "madobus/filings"


def filing_leaf(envelope_sha256: bytes, filing_no: str) -> bytes:
    """Return the leaf's data: the SHA-256 of the slip followed by the filing number in UTF-8."""
    return envelope_sha256 + filing_no.encode("utf-8")
