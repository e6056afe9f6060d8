"""What the bus asks of a device, one small Protocol a capability. Drivers follow them; none inherits another."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class Sheet:
    """One side of paper as the scanner saw it. `number` counts sides from 1 in every call of `feed`.

    `side` is "front" or "back" where both sides are fed, the back right after its front; "" otherwise.
    """

    number: int
    image: bytes
    media_type: str
    dpi: int
    side: Literal["", "front", "back"] = ""


class FeederState(Enum):
    """What is known about the sheet feeder."""

    EMPTY = "empty"
    LOADED = "loaded"
    FEEDING = "feeding"
    JAMMED = "jammed"
    DOUBLE_FED = "double_fed"
    COVER_OPEN = "cover_open"
    BUSY = "busy"
    ABSENT = "absent"


class Scanner(Protocol):
    """A sheet scanner with a feeder."""

    @property
    def name(self) -> str:
        """Say which driver and which device, e.g. "sane airscan:e0:Desk scanner"."""

    @property
    def simulated(self) -> bool:
        """Say whether the sheets come from files; a screen must show it then."""

    async def state(self) -> FeederState:
        """Look without pulling a sheet; a scanner without a paper sensor answers what it met last."""

    def feed(self) -> AsyncIterator[Sheet]:
        """Pull sheet after sheet, each only when the caller asks for it, until the stack is through.

        Ends quietly after the last sheet. Raises DeviceMissing, DeviceBusy or DeviceFault; its
        `cause` is "empty" when there was no sheet at all, "jammed", "double_fed", "cover_open",
        "busy", "absent", "hung" or "io" otherwise. Sheets yielded before an error are good; calling
        `feed` again after the remedy goes on with the sheets that are still in the feeder. A sheet
        that was pulled without giving its picture is counted in the error's `undelivered`.
        """

    async def close(self) -> None:
        """Stop what runs and leave nothing behind; a second call does nothing."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One still of a camera."""

    image: bytes
    media_type: str
    width: int
    height: int


class Camera(Protocol):
    """A document camera: stills, and frames for as long as somebody looks.

    Both raise DeviceMissing, DeviceBusy or DeviceFault with `cause` "absent", "busy", "hung" or "no_picture";
    asking again after the remedy opens the camera anew.
    """

    @property
    def name(self) -> str:
        """Say which driver and which device."""

    @property
    def simulated(self) -> bool:
        """Say whether the pictures come from files."""

    async def still(self) -> Picture:
        """Take one picture now."""

    def frames(self) -> AsyncIterator[Picture]:
        """Give the newest picture each time one is asked for; a frame nobody asked for is dropped."""

    async def close(self) -> None:
        """Let the camera go; a second call does nothing."""


class Registration(Enum):
    """How the mobile network sees the modem."""

    HOME = "home"
    ROAMING = "roaming"
    SEARCHING = "searching"
    DENIED = "denied"
    NO_SIM = "no_sim"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class ModemFacts:
    """What a modem says about its link; `signal_dbm` is the reference signal power, None while unknown."""

    registration: Registration
    technology: str
    operator: str
    signal_dbm: int | None
    connected: bool


class Modem(Protocol):
    """A mobile modem. Its word is a hint about the link, never the judge of it."""

    @property
    def name(self) -> str:
        """Say which driver and which device."""

    async def facts(self) -> ModemFacts:
        """Ask the modem once; raises DeviceMissing or DeviceFault."""

    def changes(self) -> AsyncIterator[ModemFacts]:
        """Give the present facts, then each change; ends when the modem leaves."""

    async def bounce(self) -> None:
        """Take the bearer down and up again: the remedy for a link that looks up and is dead."""

    async def close(self) -> None:
        """Stop watching; a second call does nothing."""


@dataclass(frozen=True, slots=True)
class Fix:
    """Where the bus is, in degrees (WGS 84), how far that may be wrong in metres, and the satellites' time."""

    latitude: float
    longitude: float
    accuracy_m: float
    time: datetime


class Location(Protocol):
    """A satellite receiver."""

    @property
    def name(self) -> str:
        """Say which driver and which device."""

    async def fix(self) -> Fix | None:
        """Give the present place; None while there is no fix. Raises DeviceMissing when silent."""

    async def close(self) -> None:
        """Stop listening; a second call does nothing."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One look at the clock: UTC wall time, its possible error, and time since boot `boot` that never steps.

    `quality` is "unsynced", "holdover" or "synced".
    """

    wall: datetime
    uncertainty_s: int
    quality: str
    boot: int
    monotonic_ms: int


class Clock(Protocol):
    """The box's clock with its doubt."""

    def now(self) -> Reading:
        """Read the clock."""

    def monotonic(self) -> float:
        """Return seconds that never step, for timers."""


@dataclass(frozen=True, slots=True)
class PowerFacts:
    """Where the current comes from: "mains", "battery" or "unknown"; charge in percent, None if not told.

    `ignition`: the key is turned; `door`: the cabin's door is open; None where no line tells it.
    """

    source: str
    charge_percent: int | None
    ignition: bool | None
    door: bool | None = None


class Power(Protocol):
    """The bus's supply and its two lines: ignition, door, battery."""

    @property
    def name(self) -> str:
        """Say which driver and which device."""

    async def facts(self) -> PowerFacts:
        """Ask once."""

    def changes(self) -> AsyncIterator[PowerFacts]:
        """Give the present facts, then each change."""


class PrinterState(Enum):
    """What a printer says of itself; ABSENT when nobody answers for it."""

    READY = "ready"
    PRINTING = "printing"
    PAPER_LOW = "paper_low"
    NO_PAPER = "no_paper"
    JAMMED = "jammed"
    COVER_OPEN = "cover_open"
    NO_INK = "no_ink"
    OFFLINE = "offline"
    CONNECTING = "connecting"
    STOPPED = "stopped"
    FAULT = "fault"
    ABSENT = "absent"


class JobState(Enum):
    """Where one print job stands; the last three are its end."""

    WAITING = "waiting"
    PRINTING = "printing"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def over(self) -> bool:
        """Say whether nothing more happens to the job."""
        return self in {JobState.DONE, JobState.FAILED, JobState.CANCELLED}


class Printer(Protocol):
    """A printer of receipts. Each answer comes within seconds, also when the paper is out or the queue stands still."""

    @property
    def name(self) -> str:
        """Say which driver and which device."""

    @property
    def simulated(self) -> bool:
        """Say whether no paper comes out; a screen must show it then."""

    async def state(self) -> PrinterState:
        """Ask once; never raises."""

    async def print(self, document: bytes) -> str:
        """Queue one PDF and give the job's name, before paper moves; raises DeviceMissing or DeviceFault.

        Jobs carry no title: what a queue shows to others says nothing of anybody.
        """

    async def job(self, job: str) -> JobState:
        """Ask for one job once; one that nobody knows any more has FAILED. Raises DeviceMissing."""

    async def cancel(self, job: str) -> None:
        """Take a job out of the queue, its document with it; one that is over stays so. Raises DeviceMissing."""


@dataclass(frozen=True, slots=True)
class Plugged:
    """One device as udev knows it: never found by its number, always by these facts."""

    path: str
    subsystem: str
    node: str
    vendor: str
    model: str
    serial: str


@dataclass(frozen=True, slots=True)
class Change:
    """A device came ("add"), left ("remove") or says something new ("change")."""

    action: str
    device: Plugged


class Hotplug(Protocol):
    """Which devices are there, and when that changes."""

    def present(self) -> tuple[Plugged, ...]:
        """List what is plugged in now."""

    def changes(self) -> AsyncIterator[Change]:
        """Give each coming and going from now on."""


class Tpm(Protocol):
    """A chip that keeps secrets of 32 bytes off the disk, each in a numbered slot under a 32-byte password."""

    @property
    def simulated(self) -> bool:
        """Say whether a program plays the chip; a screen must show it then."""

    def present(self) -> bool:
        """Ask whether the chip answers now."""

    def define(self, slot: int, secret: bytes, auth: bytes) -> None:
        """Keep a secret in place of what the slot held; durable in the chip when it returns."""

    def read(self, slot: int, auth: bytes) -> bytes:
        """Return a slot's secret, or raise a DeviceError.

        Its `cause` is "auth" for a wrong password, which the chip counts, "lockout" after too many,
        "empty" when the slot holds nothing, "absent", "hung", "garbled" or "io" when the chip fails.
        """

    def undefine(self, slot: int) -> None:
        """Destroy a slot's secret for good; an empty slot stays empty."""

    def count_up(self) -> int:
        """Raise the chip's one counter, which nothing lowers, and return it."""
