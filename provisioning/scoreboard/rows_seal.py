"""Figures 19 to 23: how fast things are sealed and verified on one core, and how large a receipt is."""

from typing import Final

from provisioning.scoreboard.figure import Row, Target
from provisioning.scoreboard.ran import Command
from provisioning.scoreboard.reading import at

_SEAL: Final = Command("python -m bench seal --seconds 1 --json", 120, alone=True)
_LONG: Final = Command("python -m bench seal --seconds 10 --json", 600, alone=True)

SEAL: Final = (
    Row(19, "records of 6 kB sealed for two, both signatures", "per processor second",
        Target(">=", 500), _SEAL, at("ours", "seal_record", "cpu"), _LONG),
    Row(20, "scans sealed with their Merkle roots", "MB per processor second",
        Target(">=", 300), _SEAL, at("ours", "seal_scan", "cpu"), _LONG),
    Row(20, "scans opened", "MB per processor second",
        Target(">=", 300), _SEAL, at("ours", "open_scan", "cpu"), _LONG),
    Row(21, "slips verified without a key", "per processor second",
        Target(">=", 2_000), _SEAL, at("ours", "verify_slip", "cpu"), _LONG),
    Row(22, "journal entries verified", "per processor second",
        Target(">=", 100_000), _SEAL, at("ours", "verify_journal", "cpu"), _LONG),
    Row(23, "city hall's receipt", "bytes",
        Target("<=", 200), _SEAL, at("sizes", "hall_receipt")),
    Row(23, "its QR code at level M", "version",
        Target("<=", 11), _SEAL, at("sizes", "hall_receipt_qr")),
)  # fmt: skip
