"""Figures 14 to 18 and 24 to 29: who can read what, what is proven, what is refused."""

from typing import Final

from provisioning.scoreboard.figure import Row, Target
from provisioning.scoreboard.ran import Command
from provisioning.scoreboard.reading import at, passed, share_passed

_HUNT: Final = Command("python -m tests.threats.canary --json", 300, tells_when_failing=True)
_LONG_HUNT: Final = Command(
    "python -m tests.threats.canary --people 12 --json", 1800, tells_when_failing=True
)
# Alone: it mounts disks of its own, and beside the fault runs a machine has too few loop devices.
_THREATS: Final = Command(
    "python -m tests.threats --json", 600, alone=True, tells_when_failing=True
)
_GONE_BACK: Final = (
    "tests/faults/test_restored_hall.py tests/appliance/uplink/test_witness.py "
    "tests/appliance/desk/test_cardage.py tests/sync/test_witness.py "
    "tests/provisioning/test_verify_journal.py tests/provisioning/test_verify_log.py"
)
_CLOCKS: Final = Command("python -m tests.clocks --runs 1000 --json", 300, tells_when_failing=True)
_CLOCKS_LONG: Final = Command(
    "python -m tests.clocks --runs 10000 --json", 3600, tells_when_failing=True
)
_PYTEST: Final = "python -m pytest -q -rs"


def _hunted(place: str, words: str) -> Row:
    return Row(14, f"plaintext canaries {words}", "found", Target("=", 0), _HUNT,
               at("found", place), _LONG_HUNT)  # fmt: skip


CUSTODY: Final = (
    _hunted("box_image", "in the raw image of the bus's disk"),
    _hunted("swap", "in swap"),
    _hunted("logs", "in the processes' logs"),
    _hunted("intake", "in the shelves of intake and city hall"),
    _hunted("memory", "in the memory of uplink and intake"),
    Row(14, "places where a planted canary was found: does the hunter work", "%",
        Target("=", 100), _HUNT, at("planted_found_percent"), _LONG_HUNT),
    Row(16, "tests that a stolen box opens nothing it sealed", "% passed", Target("=", 100),
        Command(f"{_PYTEST} tests/threats/test_stolen_box.py", 120), share_passed),
    Row(15, "tests that the visit key is gone two seconds after the visit, in the chip's state too",
        "% passed", Target("=", 100),
        Command(f"{_PYTEST} tests/appliance/desk/test_visit_chip.py", 180), share_passed),
    Row(24, "tests of the verifier page in a browser without a network", "% passed",
        Target("=", 100), Command(f"{_PYTEST} tests/provisioning/test_verify_page.py", 240),
        share_passed),
    Row(25, "tests that rollback, fork and restored backups of box and hall are noticed",
        "% passed", Target("=", 100),
        Command(f"{_PYTEST} {_GONE_BACK}", 300), share_passed),
    Row(26, "runs with a filing time outside its proven bounds, under clock faults", "runs",
        Target("=", 0), _CLOCKS,
        at("runs with a violation"), _CLOCKS_LONG),
    Row(26, "receipts given in those runs", "receipts", Target(">=", 10_000), _CLOCKS, at("receipts"),
        _CLOCKS_LONG),
    Row(27, "tests in which an attack on the key bundle is refused", "tests", Target(">=", 7),
        Command(f"{_PYTEST} tests/appliance/mail/test_bundle_attacks.py", 120), passed),
    Row(29, "threat rows whose tests pass", "rows",
        Target("=", 20), _THREATS, at("passing")),
)  # fmt: skip
