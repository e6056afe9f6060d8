"""City hall's side of the carry: a stick is a session whose line is a file, filed by the intake's own code."""

import asyncio
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
from provisioning.carry_reading import Reading
from provisioning.carry_reply import Reply
from provisioning.carry_seal import hall_seal
from sync.carry import BODY_MAX, Place, Way
from sync.errors import PeerError
from sync.frames import SESSION_BYTES
from sync.ids import Random
from sync.keys import Signer, read_key
from sync.packing import Packer
from sync.refusals import Refused

# Letters that go onto one stick; the next one brings the next.
LETTERS_ON_A_STICK: Final = 64
# The box may be talking over the link at the same time; what moved meanwhile is looked at again.
TRIES: Final = 5


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
        # In one group: were the filing to die, its sessions would wait for its answer for ever.
        async with asyncio.TaskGroup() as parts:
            commits = parts.create_task(hall.partners.commits.run())
            try:
                return [await hall.take(places) for places in sorted(sets.values(), key=stick.made)]
            finally:
                commits.cancel()


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
            reply = await self._session(places[0].device, reading)
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

    async def _session(self, device: str, reading: Reading) -> Reply:
        """Let the intake hear the files once."""
        place = Place(device, Way.DOWN, self._random(SESSION_BYTES), 1)
        made = self.partners.time.now().replace(microsecond=0)
        packer = Packer(place, reading.session, made, body_max=self._body_max)
        reply = Reply(self._stick, self._seal, packer)
        line = StickLine(reading.frames(), reply.heard)
        # Nobody waits at this line, so more letters go ahead of their confirmation.
        await Pump(self.partners, Sessions("stick"), line, device, LETTERS_ON_A_STICK).run()
        reply.finish(line.confirmed)
        return reply
