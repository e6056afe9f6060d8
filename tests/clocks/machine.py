"""A box's hardware and city hall's clock as they are: what the truth is, and what each of them believes."""

from datetime import datetime, timedelta

from hardware.protocols import Fix, Reading

UNKEPT_S = 86_400
PPM_MAX = 95
"""A crystal of ours strays by less than the hundred millionths it is taken to stray by."""


class Machine:
    """A `hardware.protocols.Clock`: a crystal, a wall clock that is kept or not, a battery clock."""

    def __init__(self, begin: datetime, ppm: float) -> None:
        self._begin = begin
        self._ppm = ppm
        self._true_s = 0.0
        self._monotonic_s = 5.0
        self._wall_off_s = 0.0
        self._held_at: float | None = None
        self.boot = 1
        self.quality = "unsynced"

    @property
    def truth(self) -> datetime:
        """The moment it is."""
        return self._begin + timedelta(seconds=self._true_s)

    def advance(self, seconds: float) -> None:
        """Let time pass; what nobody keeps goes by the crystal."""
        stray = seconds * self._ppm / 1e6
        self._true_s += seconds
        self._monotonic_s += seconds + stray
        if self.quality != "synced":
            self._wall_off_s += stray

    def keep(self, lie_s: float = 0.0) -> None:
        """Let a time service keep the wall clock, `lie_s` off the truth."""
        self.quality, self._wall_off_s = "synced", lie_s

    def leave(self) -> None:
        """Let the service go; the kernel remembers that it was kept."""
        if self.quality == "synced":
            self.quality, self._held_at = "holdover", self._monotonic_s

    def step(self, seconds: float) -> None:
        """Set the wall clock by hand; the kernel then calls it kept no longer (clock_settime clears the NTP state)."""
        self.leave()
        self._wall_off_s += seconds

    def leap(self) -> None:
        """Say one second twice, as the kernel does by itself."""
        self._wall_off_s -= 1

    def forget(self) -> None:
        """Look with new eyes: that the clock was kept before is known to the process that saw it only."""
        if self.quality == "holdover":
            self.quality = "unsynced"

    def reboot(self, dark_s: float, battery: datetime | float) -> None:
        """Start anew; the battery clock says that moment, or is so many seconds off."""
        self._true_s += dark_s
        self._monotonic_s, self.boot, self.quality = 5.0, self.boot + 1, "unsynced"
        off = battery if isinstance(battery, float) else (battery - self.truth).total_seconds()
        self._wall_off_s = off

    def fix(self, lie_s: float = 0.0) -> Fix:
        """Return what a satellite receiver says."""
        return Fix(39.7, 141.1, 5.0, self.truth + timedelta(seconds=lie_s))

    def now(self) -> Reading:
        """Read the clock as `hardware.clock.system` does."""
        doubt = UNKEPT_S if self.quality == "unsynced" else 1
        if self.quality == "holdover" and self._held_at is not None:
            doubt += int((self._monotonic_s - self._held_at) / 10_000) + 1
        wall = self.truth + timedelta(seconds=self._wall_off_s)
        return Reading(wall, doubt, self.quality, self.boot, int(self._monotonic_s * 1000))

    def monotonic(self) -> float:
        """Return seconds that never step."""
        return self._monotonic_s


class Hall:
    """City hall's clock, `off_s` wrong."""

    def __init__(self, box: Machine) -> None:
        self._box = box
        self.off_s = 0.0

    def now(self) -> datetime:
        """Return what city hall believes."""
        return self._box.truth + timedelta(seconds=self.off_s)
