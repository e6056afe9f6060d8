"""City hall's side of the carry: a stick is a session whose line is a file, filed by the intake's own code."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Final

from cityhall.config import HallSettings
from cityhall.intake.clock import Time
from cityhall.intake.commit import GroupCommit
from cityhall.intake.countersign import Countersigner
from cityhall.intake.filing import Partners
from cityhall.intake.pump import Pump
from cityhall.intake.register import Register
from cityhall.intake.sessions import Sessions
from cityhall.mail.opening import open_hall_mail
from cityhall.mail.store import HallMail
from provisioning.carry_folder import Stick
from provisioning.carry_lines import StickLine
from provisioning.carry_seal import hall_seal, sealed_by_box
from sync.carry import BODY_MAX, Place, Seal, Sealed, Volume, Way
from sync.envelope import SLIP_MAX
from sync.errors import PeerError
from sync.frames import (
    SESSION_BYTES,
    Confirm,
    Down,
    Frame,
    Have,
    Receipt,
    Refuse,
    Welcome,
)
from sync.ids import Random
from sync.keys import Signer, read_key
from sync.line import Line
from sync.packing import Packer
from sync.receipt import COMPLETE
from sync.receiver import Receiver
from sync.refusals import Refused, ends_session

# Letters that go onto one stick; the next one brings the next.
LETTERS_ON_A_STICK: Final = 64
# The box may be talking over the link at the same time; what moved meanwhile is looked at again.
TRIES: Final = 5
# What of city hall's word is of use on a stick: no time (it would answer no nonce), no sign of life.
_OF_USE: Final = (Welcome, Have, Confirm, Receipt, Refuse, Down)


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one export. `note` is a sentence when a person has to know or do something."""

    device: str
    admitted: bool
    note: str
    filed: int = 0
    complete: int = 0
    refused: int = 0
    letters: int = 0
    answer_files: int = 0


class StickPump(Pump):
    """The intake's own session for a line nobody waits at: more letters go ahead of their confirmation."""

    def __init__(self, partners: Partners, line: Line, certified: str) -> None:
        super().__init__(partners, Sessions("stick"), line, certified)
        now = partners.time.monotonic()
        self._machine = Receiver(slip_max=SLIP_MAX, now=now, letters=LETTERS_ON_A_STICK)


class Reading:
    """The volumes of one export: each is whole and sealed by the same box, or is passed over and named."""

    def __init__(self, stick: Stick, places: list[Place], authorities: bytes, time: Time) -> None:
        self._stick = stick
        self._places = places
        self._authorities = authorities
        self._time = time
        self.problems: list[str] = []
        if places[0].number != 1:
            raise PeerError(Refused.NOT_UNDERSTOOD, "carry: file 1 is missing; export again")
        first = self._open(places[0])
        self.first = first.volume
        # A stick is slow: its first file is not read twice.
        self._first: Sealed | None = first

    def frames(self) -> Iterator[bytes]:
        """Yield the frames of every sound volume in order."""
        expected = 1
        for place in self._places:
            for missing in range(expected, place.number):
                self.problems.append(f"file {missing} is missing")
            expected = place.number + 1
            try:
                found = self._taken() or self._open(place)
            except (PeerError, OSError) as error:
                self.problems.append(f"file {place.number}: {error}")
                continue
            yield from found.volume.frames
            if found.volume.last:
                return
        self.problems.append(f"file {expected} is missing; the export was cut short")

    def _taken(self) -> Sealed | None:
        first, self._first = self._first, None
        return first

    def _open(self, place: Place) -> Sealed:
        found = self._stick.read(place)
        name = sealed_by_box(found, self._authorities, self._time.now())
        if name != place.device:
            raise PeerError(
                Refused.OTHER_DEVICE,
                f"carry file: sealed by {name!r}, named after {place.device!r}; nothing of it was taken",
            )
        return found


class Reply:
    """City hall's answer as it grows: receipts first, letters behind them, volume after volume onto the stick."""

    def __init__(self, stick: Stick, seal: Seal, first: Volume, packer: Packer) -> None:
        self._stick = stick
        self._seal = seal
        self._device = first.place.device
        self._packer = packer
        self._letters: list[tuple[Down, bytes]] = []
        self.count: Counter[str] = Counter()
        self.code = 0
        self.refusal = ""
        self.problem = ""

    def heard(self, frame: Frame, message: bytes) -> None:
        """Note one word of city hall."""
        if isinstance(frame, Down):
            self._letters.append((frame, message))
        elif isinstance(frame, _OF_USE):
            self._add(message)
        if isinstance(frame, Receipt):
            self.count["complete" if frame.stage == COMPLETE else "filed"] += 1
        if isinstance(frame, Refuse):
            self.count["refused"] += bool(frame.thing_id)
            if ends_session(frame.code):
                self.code, self.refusal = frame.code, f"{frame.code} {frame.sentence}"

    def finish(self, confirmed: set[tuple[bytes, int]]) -> None:
        """Put the letters behind, except those the bus holds, and end the set; older answers leave the stick."""
        older = [one for one in self._stick.places(Way.DOWN) if one.device == self._device]
        for frame, message in self._letters:
            if (frame.letter_id, frame.total) not in confirmed:
                self.count["letters"] += frame.offset + len(frame.data) == frame.total
                self._add(message)
        mine = self._packer.place.set_id
        if self._put(self._packer.take(last=True)):
            self._stick.remove(one for one in older if one.set_id != mine)

    def _add(self, message: bytes) -> None:
        if not self._packer.room_for(message):
            self._put(self._packer.take(last=False))
        self._packer.add(message)

    def _put(self, volume: Volume) -> bool:
        """Write a volume; what city hall took stays taken when the stick takes no answer."""
        if self.problem:
            return False
        try:
            self._stick.put(volume, self._seal)
        except OSError as error:
            self.problem = (
                f"the answer does not go onto the stick ({error.strerror}); make room and import again, "
                "nothing is filed twice"
            )
            return False
        self.count["files"] += 1
        return True


async def import_sets(
    settings: HallSettings,
    stick: Stick,
    time: Time,
    random: Random,
    *,
    body_max: int = BODY_MAX,
) -> list[Taken]:
    """File what a stick brings, and put the answers on it; empty when no export is there."""
    sets: dict[tuple[str, bytes], list[Place]] = {}
    for place in stick.places(Way.UP):
        sets.setdefault((place.device, place.set_id), []).append(place)
    with closing(open_hall_mail(settings)) as mail:
        hall = _Hall(settings, mail, time, stick, random=random, body_max=body_max)
        commits = asyncio.create_task(hall.partners.commits.run())
        try:
            return [await hall.take(places) for places in sorted(sets.values(), key=stick.made)]
        finally:
            commits.cancel()
            await asyncio.gather(commits, return_exceptions=True)


class _Hall:
    """The intake's parts, as its own process builds them, and the stick in front of them."""

    def __init__(
        self,
        settings: HallSettings,
        mail: HallMail,
        time: Time,
        stick: Stick,
        *,
        random: Random,
        body_max: int,
    ) -> None:
        intake = settings.intake
        seed = read_key(intake.countersigner.read_text(encoding="utf-8"), "signer")
        signer = Signer.from_seed(seed)
        self._seal = hall_seal(signer)
        self._authorities = intake.client_ca.read_bytes()
        self._stick = stick
        self._random = random
        self._body_max = body_max
        self.partners = Partners(
            mail, Register(intake.bundle), Countersigner(signer, mail), GroupCommit(mail), time
        )

    async def take(self, places: list[Place]) -> Taken:
        """Run one export as a session; returns once everything is committed and the answer is on the stick."""
        for _ in range(TRIES):
            try:
                reading = Reading(self._stick, places, self._authorities, self.partners.time)
            except (PeerError, OSError) as error:
                return Taken(places[0].device, admitted=False, note=str(error))
            reply = await self._session(reading)
            if reply.code != Refused.NEWER_SESSION:
                break
        notes = [one for one in (reply.refusal, *reading.problems, reply.problem) if one]
        return Taken(
            places[0].device,
            admitted=not reply.refusal,
            note="; ".join(notes),
            filed=reply.count["filed"],
            complete=reply.count["complete"],
            refused=reply.count["refused"],
            letters=reply.count["letters"],
            answer_files=reply.count["files"],
        )

    async def _session(self, reading: Reading) -> Reply:
        """Let the intake hear the files once."""
        first = reading.first
        device, time = first.place.device, self.partners.time
        place = Place(device, Way.DOWN, self._random(SESSION_BYTES), 1)
        made = time.now().replace(microsecond=0)
        packer = Packer(place, first.session, made, body_max=self._body_max)
        reply = Reply(self._stick, self._seal, first, packer)
        line = StickLine(reading.frames(), reply.heard)
        await StickPump(self.partners, line, device).run()
        reply.finish(line.confirmed)
        return reply
