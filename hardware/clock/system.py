"""The kernel's clock, with the error the kernel itself believes in.

`adjtimex(2)` tells whether a time service keeps the clock and how wrong it may be. Nobody keeping it
means "unsynced"; kept before and not now means "holdover", and the doubt then grows with time.
"""

import ctypes
import time
from datetime import UTC, datetime
from pathlib import Path

from hardware.protocols import Reading

MICROSECONDS = 1_000_000
TIME_ERROR = 5  # adjtimex answers this while nobody keeps the clock
DRIFT_PPM = 100  # a cheap crystal between -20 and 60 degrees
UNKNOWN_S = 86_400  # nobody ever kept this clock since boot: believe the day at best
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


class _Timex(ctypes.Structure):
    """The head of struct timex as adjtimex(2) has it; the rest is room for the kernel to write."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_byte * 256),
    )


def kernel_error_us() -> int | None:
    """Ask the kernel how wrong its clock may be, in microseconds; None while nobody keeps it."""
    about = _Timex()
    if ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(about)) in {-1, TIME_ERROR}:
        return None
    return int(about.maxerror)


class SystemClock:
    """Wall time, its doubt, and the monotonic time since boot, sleep included.

    `boot` is the number its readings bear: the kernel counts no boots, whoever starts the clock does. 0 is nobody's
    count, for looking at the clock only.
    """

    def __init__(self, boot: int = 0, unkept_s: int = UNKNOWN_S) -> None:
        self._unkept_s = unkept_s
        self._kept_at: float | None = None
        self._kept_error_s = 0
        self._boot = boot

    def now(self) -> Reading:
        """Read the clock and ask the kernel about its error."""
        since_boot = time.clock_gettime(time.CLOCK_BOOTTIME)
        error = kernel_error_us()
        if error is not None:
            self._kept_at, self._kept_error_s = since_boot, -(-error // MICROSECONDS)
        if self._kept_at is None:
            quality, doubt = "unsynced", self._unkept_s
        else:
            drift = -int(-(since_boot - self._kept_at) * DRIFT_PPM // MICROSECONDS)
            quality = "synced" if error is not None else "holdover"
            doubt = self._kept_error_s + drift
        return Reading(datetime.now(UTC), doubt, quality, self._boot, int(since_boot * 1000))

    def monotonic(self) -> float:
        """Return seconds that never step."""
        return time.monotonic()


def boot_id() -> str:
    """Return the kernel's random name of this boot: the same until the next.

    Where it cannot be read, the moment of the boot stands for it, as well as this start knows it.
    """
    try:
        return BOOT_ID.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return f"since {int(time.time() - time.clock_gettime(time.CLOCK_BOOTTIME))}"
