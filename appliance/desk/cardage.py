"""Is this the card this box ran on last: the card remembers the chip's count of starts, which nothing lowers.

Once a start (the kernel's boot id) the card's number is raised and made durable, then the chip's. A cut between the two
leaves the card one ahead, never behind: a card that is behind is an older copy put back, known before any contact.
A copy made and put back within one start is left to city hall's witness.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from hardware.protocols import Tpm
from keeping.wholefile import PRIVATE, write_durably

STARTS_FILE = "starts.json"


@dataclass(frozen=True, slots=True)
class Starts:
    """What the card knows: the start it was counted in, the chip's count then, whether the card was an old one.

    `ahead` says that the chip was to be raised to this count and was not heard of since.
    """

    boot: str
    count: int
    old: bool = False
    ahead: bool = False


def card_is_old(folder: Path, tpm: Tpm, boot: str) -> bool:
    """Count this start once, and tell whether the card was put back from an older copy; raises DeviceError, OSError."""
    known = _read(folder)
    if known is not None and known.boot == boot and not known.ahead:
        return known.old
    # Raised before every try: a try that was cut behind the chip's step has used up one number.
    expected = 0 if known is None else known.count + 1
    if known is not None:
        _keep(folder, Starts(known.boot, expected, known.old, ahead=True))
    count = tpm.count_up()
    old = known is not None and count > expected
    _keep(folder, Starts(boot, count, old))
    return old


def _read(folder: Path) -> Starts | None:
    """Return what the card knows; a file that is not ours counts as a card that never counted."""
    try:
        told = json.loads((folder / STARTS_FILE).read_text(encoding="utf-8"))
        return Starts(
            str(told["boot"]), int(told["count"]), told["old"] is True, told["ahead"] is True
        )
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None


def _keep(folder: Path, starts: Starts) -> None:
    write_durably(folder / STARTS_FILE, json.dumps(asdict(starts)).encode(), PRIVATE)
