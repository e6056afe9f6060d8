"""One box and city hall on one day: contacts and hand-ins by the project's own code, with real keys."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from random import Random
from typing import cast

from appliance.desk.clock import DeskClock
from appliance.desk.handover import Handover, Moment
from appliance.desk.recording import Stop
from appliance.mail.store import MailStore
from cityhall.intake.countersign import Countersigner
from cityhall.mail.store import HallMail
from sync.bundle import KeyBundle
from sync.clock import HeardTime, Instant
from sync.envelope import Envelope, slip_sha256
from sync.journal import GENESIS, JournalEntry, next_entry
from sync.keys import Signer
from sync.receipt import (
    Beacon,
    BoxReceipt,
    HallReceipt,
    read_beacon,
    read_receipt,
    sign_beacon,
    sign_receipt,
)
from sync.record import encode_record
from sync.seal import seal
from sync.verify import verify_slip
from tests.clocks.machine import Hall, Machine
from tests.support.makers import (
    COUNTERSIGNER,
    DIVISION,
    make_bundle,
    make_id,
    make_opening_key,
    make_record,
    make_signer,
)

STOP = Stop("run", "stop", "0370100001", "A provider", "0012", designated_counter=True)


@dataclass(frozen=True)
class Keys:
    """What all days share: making keys takes longer than a day."""

    bundle: KeyBundle
    box: Signer
    hall: Signer


def make_keys() -> Keys:
    """Return made-up keys."""
    return Keys(make_bundle(), make_signer(), make_signer(COUNTERSIGNER))


@dataclass
class HandIn:
    """One application: what was true, what the box said, and what city hall said when it arrived."""

    truth: datetime
    moment: Moment
    envelope: Envelope
    entry: JournalEntry
    box: BoxReceipt
    hall: HallReceipt | None = None
    arrived_truth: datetime | None = None
    told_in_boot: bool = False

    @property
    def at(self) -> Instant:
        """What the sealed header says of the time."""
        return self.envelope.header.time


class _Beacons:
    """The one thing of the shelf that a moment is made of."""

    def __init__(self) -> None:
        self.data = b""

    def beacon(self) -> bytes:
        """Return city hall's newest signed time."""
        return self.data


class World:
    """The box's machine, its desk's clock, and city hall."""

    def __init__(self, keys: Keys, chance: Random, begin: datetime, ppm: float) -> None:
        self.keys = keys
        self.chance = chance
        self.machine = Machine(begin, ppm)
        self.hall = Hall(self.machine)
        self.hand_ins: list[HandIn] = []
        self._heard: HeardTime | None = None
        self._beacons = _Beacons()
        self._head = GENESIS
        self._countersigner = Countersigner(keys.hall, cast("HallMail", None))
        self.clock = self._clock()

    def _clock(self) -> DeskClock:
        clock = DeskClock(self.machine, lambda: self._heard, lambda: self.keys.bundle.issued)
        random: Callable[[int], bytes] = self.chance.randbytes
        mail = cast("MailStore", self._beacons)
        self._handover = Handover(
            device="bus-07", signer=self.keys.box, mail=mail, clock=clock, random=random
        )
        clock.now()
        return clock

    def reboot(self, dark_s: float, battery: datetime | float) -> None:
        """Cut the power for so long; the battery clock goes on as it likes."""
        self.machine.reboot(dark_s, battery)
        self.restart()

    def restart(self) -> None:
        """Start the desk anew: it remembers nothing but what lies on the shelf."""
        self.machine.forget()
        self.clock = self._clock()

    def pass_by(self, seconds: float) -> None:
        """Let time pass, with a look at the clock on the way as the desk takes one each second."""
        self.machine.advance(seconds / 2)
        self.clock.now()
        self.machine.advance(seconds / 2)
        self.clock.now()

    def contact(self) -> None:
        """Reach city hall: ask the time, hear it, and let everything arrive."""
        waited = self.chance.uniform(0.05, 20.0)
        early = self.chance.uniform(0, waited)
        self.machine.advance(early)
        nonce = self.chance.randbytes(16)
        signed = sign_beacon(Beacon(self.hall.now(), nonce, self.keys.hall.key_id), self.keys.hall)
        self.machine.advance(waited - early)
        told = read_beacon(signed, self.keys.bundle).time
        at = self.machine.now()
        self._beacons.data = signed
        self._heard = HeardTime(told, at.boot, at.monotonic_ms, int(waited * 1000) + 1)
        self.clock.now()
        for one in self.hand_ins:
            if one.hall is None:
                self._arrive(one)

    def hand_in(self) -> None:
        """Seal one application and sign its box receipt, as the desk does."""
        number = len(self.hand_ins)
        moment = self._handover.moment(STOP, self.keys.bundle)
        record = replace(make_record(number), filing=moment.filing)
        envelope = seal(
            env_id=make_id(number),
            sender="bus-07",
            kind="application",
            visit=bytes(8),
            signer=self.keys.box,
            recipients=[(make_opening_key(DIVISION).public, 1)],
            record=encode_record(record),
            parts=[],
            at=moment.at,
            journal=self._head,
            beacon=moment.beacon,
            bundle_version=1,
            random=self.chance.randbytes,
        )
        entry = next_entry(self._head, "accepted", slip_sha256(envelope.slip), moment.at)
        self._head = (entry.seq, entry.hash)
        receipt = sign_receipt(
            BoxReceipt(
                env_id=envelope.env_id,
                envelope_sha256=hashlib.sha256(envelope.slip).digest(),
                procedure=record.procedure,
                filed=moment.filing.handed_in_at,
                not_before=moment.floor,
                uncertainty_s=moment.filing.uncertainty_s,
                journal_seq=entry.seq,
                device_key_id=self.keys.box.key_id,
            ),
            self.keys.box,
        )
        told = read_receipt(receipt, lambda _: self.keys.box.public)
        assert isinstance(told, BoxReceipt)
        self.hand_ins.append(
            HandIn(
                self.machine.truth,
                moment,
                envelope,
                entry,
                told,
                told_in_boot=self._heard is not None and self._heard.boot == self.machine.boot,
            )
        )

    def _arrive(self, one: HandIn) -> None:
        header = verify_slip(one.envelope.slip, self.keys.box.public)
        receipt = self._countersigner.receipt(
            one.envelope.slip,
            header,
            received=self.hall.now(),
            filing_no="R8-000123-6",
            log_index=0,
            bundle=self.keys.bundle,
        )
        told = read_receipt(receipt, self.keys.bundle)
        assert isinstance(told, HallReceipt)
        one.hall, one.arrived_truth = told, self.machine.truth
