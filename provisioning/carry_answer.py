"""City hall's answer at the bus: read from the stick, proven as the uplink proves it, kept on the shelf."""

import os
from collections import Counter
from contextlib import closing, suppress
from dataclasses import dataclass
from enum import Enum
from typing import Final

from appliance.config import BusSettings
from appliance.mail.store import MailStore
from appliance.uplink.causes import Cause, LinkError
from appliance.uplink.evidence import Evidence
from appliance.uplink.letterin import LetterRefusedError, keep_letter
from appliance.uplink.partners import Partners
from appliance.uplink.pump import CLOSED, Pump
from appliance.uplink.status import Status
from appliance.uplink.trust import Trust
from provisioning.carry_evidence import ReplayEvidence, StickClock
from provisioning.carry_folder import Stick
from provisioning.carry_lines import AnswerLine
from provisioning.carry_seal import check_hall_seal
from sync.carry import Place, Sealed, Way
from sync.clock import Clock
from sync.errors import PeerError, SealError
from sync.events import LetterCame
from sync.frames import SESSION_BYTES, Down, Frame, decode_frame
from sync.letterbox import Letterbox

# A file is never silent; the machine's own patience must not end the reading.
HEARTBEAT_S: Final = 3600.0


LETTERS_COUNTED: Final = 1 << 20
UNKNOWN: Final = (
    "it answers an export this shelf does not remember (another shelf, or long ago); nothing was taken, "
    "export onto the stick again"
)
STALE: Final = (
    "city hall has told more since, over the link or another stick; its letters were taken, "
    "receipts come with the next contact"
)


class Outcome(Enum):
    """What became of an answer; the value is the word in JSON."""

    TAKEN = "taken"
    STALE = "stale"
    UNKNOWN = "unknown"
    REFUSED = "refused"
    HISTORY_BROKE = "history_broke"
    DAMAGED = "damaged"


@dataclass(frozen=True, slots=True)
class Imported:
    """One answer. `note` is a sentence when a person has to know or do something."""

    outcome: Outcome
    note: str
    arrived: int = 0
    complete: int = 0
    refused: int = 0
    letters: int = 0


class Answer:
    """One set of volumes that came down, and the shelf it is for."""

    def __init__(
        self, settings: BusSettings, shelf: MailStore, trust: Trust, stick: Stick, clock: Clock
    ) -> None:
        self._settings = settings
        self._shelf = shelf
        self._trust = trust
        self._stick = stick
        self._own_clock = clock
        self._clock: Clock = clock

    async def take(self, places: list[Place]) -> Imported:
        """Take one answer in; a second time changes nothing."""
        volumes, problem = self._sound(places)
        if not volumes:
            return Imported(Outcome.DAMAGED, problem)
        first = volumes[0].volume
        begin = self._shelf.export_head(first.session.hex())
        if begin is None:
            return Imported(Outcome.UNKNOWN, UNKNOWN)
        messages = [frame for one in volumes for frame in one.volume.frames]
        try:
            frames = [decode_frame(message) for message in messages]
        except PeerError as error:
            return Imported(Outcome.DAMAGED, str(error))
        self._shelf.heads_are_from(first.made)
        self._clock = StickClock(self._own_clock, first.made)
        before = _Standing(self._shelf)
        evidence = ReplayEvidence(self._trust, self._shelf, begin)
        if evidence.linked(frames):
            outcome, note = await self._replay(evidence, first.session, messages)
        else:
            outcome, note = Outcome.STALE, STALE
            self._letters(frames)
        if outcome in (Outcome.TAKEN, Outcome.STALE) and not problem:
            self._clear(places, first.session)
        return before.told(outcome, note or problem)

    def _sound(self, places: list[Place]) -> tuple[list[Sealed], str]:
        """Return the volumes from the first one on that hold and belong together, and what is wrong with the next."""
        found: list[Sealed] = []
        for number, place in enumerate(places, start=1):
            if place.number != number:
                break
            try:
                sealed = self._stick.read(place)
                check_hall_seal(sealed, self._trust.bundle())
            except (PeerError, SealError, OSError) as error:
                return found, f"file {number}: {error}"
            if found and sealed.volume.session != found[0].volume.session:
                return found, f"file {number}: it is of another session"
            found.append(sealed)
            if sealed.volume.last:
                return found, ""
        return found, f"file {len(found) + 1} is missing; let city hall import the stick again"

    async def _replay(
        self, evidence: Evidence, session: bytes, messages: list[bytes]
    ) -> tuple[Outcome, str]:
        """Let the uplink's own session hear the answer."""
        partners = Partners(
            device=self._settings.device,
            mail=self._shelf,
            clock=self._clock,
            evidence=evidence,
            trust=self._trust,
            status=Status(),
            heartbeat_s=HEARTBEAT_S,
            random=lambda size: session if size == SESSION_BYTES else os.urandom(size),
        )
        try:
            await Pump(partners, AnswerLine(iter(messages)), Letterbox()).run()
        except LinkError as end:
            if end.cause is Cause.LINE_BROKE and end.fact == CLOSED:
                return Outcome.TAKEN, ""
            outcome = {
                Cause.REFUSED: Outcome.REFUSED,
                Cause.HISTORY_BROKE: Outcome.HISTORY_BROKE,
            }
            return outcome.get(end.cause, Outcome.DAMAGED), str(end)
        raise RuntimeError("carry: a session over a file ends with the file")

    def _letters(self, frames: list[Frame]) -> None:
        """Keep the letters only: what is sealed or signed for this box does not depend on the log."""
        box = Letterbox()
        for frame in frames:
            body = box.take(frame) if isinstance(frame, Down) else None
            if isinstance(frame, Down) and body is not None:
                came = LetterCame(frame.letter_id, frame.kind, body)
                with suppress(LetterRefusedError):
                    keep_letter(self._shelf, self._trust, came, self._clock.now())

    def _clear(self, places: list[Place], session: bytes) -> None:
        """Take the answer and what it answers off the stick."""
        mine = self._settings.device
        answered = [
            one for one in self._stick.places(Way.UP) if (one.device, one.set_id) == (mine, session)
        ]
        self._stick.remove([*places, *answered])


class _Standing:
    """What waited before an answer came, to tell what it brought."""

    def __init__(self, shelf: MailStore) -> None:
        self._shelf = shelf
        self._states = {one.env_id: one.state for one in shelf.due()}
        self._letters = len(shelf.letter_lengths(LETTERS_COUNTED))

    def told(self, outcome: Outcome, note: str) -> Imported:
        """Return the difference."""
        now = Counter(
            row.state
            for row in self._shelf.find_all(self._states)
            if row.state != self._states[row.env_id]
        )
        return Imported(
            outcome=outcome,
            note=note,
            arrived=now["arrived"],
            complete=now["complete"],
            refused=now["refused"],
            letters=len(self._shelf.letter_lengths(LETTERS_COUNTED)) - self._letters,
        )


async def import_answers(settings: BusSettings, stick: Stick, clock: Clock) -> list[Imported]:
    """Take every answer for this bus in that is on the stick, the oldest first; empty when there is none."""
    trust = Trust(settings.uplink.bundle, settings.uplink.root)
    sets: dict[bytes, list[Place]] = {}
    for place in stick.places(Way.DOWN):
        if place.device == settings.device:
            sets.setdefault(place.set_id, []).append(place)
    found = []
    for places in sorted(sets.values(), key=stick.made):
        with closing(MailStore(settings.mail)) as shelf:
            found.append(await Answer(settings, shelf, trust, stick, clock).take(places))
    return found
