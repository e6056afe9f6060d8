"""A whole counter on a temporary folder: real keys, real shelf, real seal; made-up paper and clock."""

import asyncio
import base64
import hashlib
import json
import os
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

from appliance.desk.bundles import Bundles
from appliance.desk.camera.table import CameraTable
from appliance.desk.counter import Counter
from appliance.desk.formsin import Forms
from appliance.desk.keyring import read_keyring
from appliance.desk.pages.sheet import FieldReading, QrCode, ReadSheet, unreadable
from appliance.desk.pages.sheet import Finding as PageFinding
from appliance.desk.partners import Partners
from appliance.desk.visit import VISIT_FILE, read_visit
from appliance.mail.store import MailStore
from hardware.errors import DeviceFault, DeviceMissing
from hardware.protocols import FeederState, Printer, Tpm
from hardware.protocols import Sheet as FedSheet
from hardware.scanner.faults import feeder_error
from hardware.scanner.simulated import SIDES
from procedures.definition import load
from procedures.procedure import Procedure
from sync.bundle import Device, Epoch, KeyBundle
from sync.clock import ClockQuality, Instant
from sync.keys import OpeningKey, Signer, lock_secret, write_key
from sync.letters import Content, CorrectionRequest, DueEntry, VisitPack, encode_letter
from sync.seal import seal
from tests.support.madeup_papers import drawn
from tests.support.roots import bundle_text, root_text

DEVICE = "bus-07"
STAFF, OTHER = "S-014", "S-021"
PIN = "482913"
NOON = datetime(2026, 8, 25, 3, 0, tzinfo=UTC)
PROVIDER = "0370101234"


def seed(name: str) -> bytes:
    """Return the same 32 bytes for the same name."""
    return hashlib.sha256(name.encode()).digest()


@dataclass(slots=True)
class HandClock:
    """A clock moved by hand."""

    wall: datetime = NOON
    quality: ClockQuality = ClockQuality.SYNCED
    seconds: float = 1000.0

    def now(self) -> Instant:
        """Return the moment it was set to."""
        return Instant(self.wall, 1, self.quality, 7, int(self.seconds * 1000))

    def monotonic(self) -> float:
        """Return the timers' seconds."""
        return self.seconds

    def move(self, seconds: float) -> None:
        """Let time pass."""
        self.seconds += seconds
        self.wall += timedelta(seconds=seconds)


@dataclass(slots=True)
class PaperScanner:
    """A feeder whose stack is a list of made-up sheets; it stops where a test says.

    With `both`, two of the list are the sides of one paper.
    """

    stack: list[bytes] = field(default_factory=list)
    jam_after: int | None = None
    cause: str = "jammed"
    undelivered: int | None = None
    both: bool = False
    gate: asyncio.Event | None = None
    waiting: asyncio.Event = field(default_factory=asyncio.Event)
    pulled: int = 0
    lost: bool = False
    tells: FeederState | None = None
    name: str = "paper"
    simulated: bool = True

    async def state(self) -> FeederState:
        """Look at the stack."""
        if self.lost:
            raise DeviceMissing("paper", "absent", "gone", "plug in", ja="ありません。", en="Gone.")
        if self.tells is not None:
            return self.tells
        return FeederState.LOADED if self.stack else FeederState.EMPTY

    async def feed(self) -> AsyncIterator[FedSheet]:
        """Give the sheets one by one."""
        if not self.stack:
            raise DeviceFault(
                "paper", "empty", "no sheet", "lay one in", ja="用紙がありません。", en="No sheet."
            )
        number = 0
        while self.stack:
            if self.jam_after is not None and number >= self.jam_after:
                self.jam_after = None
                raise feeder_error("paper", self.cause, undelivered=self.undelivered)
            if self.gate is not None and number:
                self.waiting.set()
                await self.gate.wait()
            number += 1
            self.pulled += 1
            side = SIDES[number % len(SIDES)] if self.both else ""
            yield FedSheet(number, self.stack.pop(0), "image/jpeg", 300, side)

    async def close(self) -> None:
        """Do nothing."""


@dataclass(slots=True)
class WordReader:
    """Reads made-up sheets: their bytes are JSON that says what stands on them; `originals`: kinds that keep one."""

    gate: asyncio.Event | None = None
    asked: list[bool] = field(default_factory=list)
    originals: frozenset[str] = frozenset()
    warmed: int = 0

    async def warm(self) -> None:
        """Count how often it was made ready."""
        self.warmed += 1

    async def read(
        self,
        image: bytes,
        media_type: str,  # noqa: ARG002 - the reader's shape
        dpi: int,  # noqa: ARG002 - the reader's shape
        deep: Callable[[QrCode | None], bool],
    ) -> ReadSheet:
        """Return what the sheet says of itself; anything else is unreadable."""
        if self.gate is not None:
            await self.gate.wait()
        try:
            told = json.loads(image)
        except ValueError:
            return unreadable(PageFinding("broken_picture", "block", "画像が壊れています。"))
        code = QrCode(**told["qr"]) if told.get("qr") else None
        self.asked.append(deep(code))
        page, preview = drawn(told["kind"], told.get("word", ""))
        return ReadSheet(
            kind=told["kind"],
            rotation=0,
            width=640,
            height=905,
            qr=code,
            fields=tuple(
                FieldReading(key, value, value, sure, "ocr", (60, 120, 400, 40))
                for key, value, sure in told.get("fields", [])
            ),
            findings=tuple(PageFinding(code, "warn", code) for code in told.get("notes", ())),
            page=page,
            page_type="image/webp",
            preview=preview,
            preview_type="image/webp",
            original=image if told["kind"] in self.originals else b"",
            original_type="image/jpeg" if told["kind"] in self.originals else "",
        )


@dataclass(slots=True)
class CounterWorld:
    """The folder of one enrolled box, and the counter that stands on it."""

    folder: Path
    clock: HandClock = field(default_factory=HandClock)
    scanner: PaperScanner = field(default_factory=PaperScanner)
    reader: WordReader = field(default_factory=WordReader)
    tpm: Tpm | None = None
    camera: CameraTable | None = None
    printer: Printer | None = None
    others: list[Procedure] | None = None
    free: int = 10**12
    kiosk: Counter | None = None
    signer: Signer = field(default_factory=lambda: Signer.from_seed(seed("signer")))
    office: Signer = field(default_factory=lambda: Signer.from_seed(seed("office")))
    reading: OpeningKey = field(default_factory=lambda: OpeningKey.from_seed(seed("reading")))
    division: OpeningKey = field(default_factory=lambda: OpeningKey.from_seed(seed("division")))

    @property
    def desk(self) -> Path:
        """The desk's own folder."""
        return self.folder / "desk"

    def enrol(self) -> "CounterWorld":
        """Write the key folder and the bundle as provisioning would."""
        keys = self.folder / "keys"
        keys.mkdir(parents=True)
        (keys / "signer.key").write_text(write_key("signer", self.signer.seed), encoding="utf-8")
        (keys / "root.json").write_text(root_text(), encoding="utf-8")
        staff = {
            name: {
                "name": who,
                "reading": base64.b64encode(_locked(self.reading.seed, pin)).decode(),
            }
            for name, who, pin in ((STAFF, "工藤　真", PIN), (OTHER, "菊池　結", "775500"))
        }
        (keys / "staff.json").write_text(json.dumps(staff), encoding="utf-8")
        (self.folder / "bundle.json").write_text(bundle_text(self.bundle()))
        self.desk.mkdir()
        return self

    async def opened(self, mail: MailStore, stop: str = "kitakami") -> Counter:
        """Return a counter as after the PIN and the stop, without the PIN's slow arithmetic."""
        key = seed("visit")
        entry = {
            "visit": seed("visit id")[:16].hex(),
            "staff_id": STAFF,
            "opened_at": NOON.isoformat(),
            "key": base64.b64encode(_locked(key, PIN)).decode(),
        }
        (self.desk / VISIT_FILE).write_text(json.dumps(entry), encoding="utf-8")
        counter = self.counter(mail)
        file = read_visit(self.desk)
        assert file is not None
        await counter._take_up(file, key, self.reading)
        await counter.choose_stop(stop)
        return counter

    def bundle(self, version: int = 1) -> KeyBundle:
        """Return the city's bundle."""
        return KeyBundle(
            version=version,
            issued=NOON - timedelta(days=3),
            expires=NOON + timedelta(days=80),
            division=(
                Epoch(self.division.public, NOON - timedelta(days=10), NOON + timedelta(days=35)),
            ),
            recovery=(),
            countersigners=(Signer.from_seed(seed("countersigner")).public,),
            office=(self.office.public,),
            devices=(Device(DEVICE, self.signer.public, self.reading.public),),
        )

    def open_mail(self) -> MailStore:
        """Open the shelf."""
        return MailStore(self.folder / "mail", free_bytes=lambda: self.free)

    def counter(self, mail: MailStore, workers: int = 2) -> Counter:
        """Build the counter anew, as a restart would."""
        keyring = read_keyring(self.folder / "keys")
        bundles = Bundles(self.folder / "bundle.json", keyring.root, mail)
        return Counter(
            Partners(
                device=DEVICE,
                folder=self.desk,
                keyring=keyring,
                mail=mail,
                bundles=bundles,
                scanner=self.scanner,
                reader=self.reader,
                workers=workers,
                clock=self.clock,
                forms=Forms(self.desk, load("care-renewal"), mail, bundles, self.others),
                insurer_no="032011",
                random=os.urandom,
                tpm=self.tpm,
                camera=self.camera,
                printer=self.printer,
            )
        )

    def pack(self, *entries: DueEntry, stop: str = "kitakami", **changed: object) -> VisitPack:
        """Return a visit pack for these people."""
        told: dict[str, object] = {
            "pack_id": seed(stop)[:16],
            "run": "R8-08-25",
            "stop": stop,
            "vehicle": "1号車",
            "provider_no": PROVIDER,
            "provider_name": "居宅介護支援事業所きたかみ",
            "starts_at": NOON - timedelta(minutes=20),
            "ends_at": NOON + timedelta(minutes=40),
            "designated_counter": True,
            "officer_id": STAFF,
            "due": entries,
        }
        return VisitPack(**{**told, **changed})  # type: ignore[arg-type]  # a test's short form

    def request(self, number: int = 1, **changed: object) -> CorrectionRequest:
        """Return a correction request for that person."""
        told: dict[str, object] = {
            "request_id": seed(f"request {number}")[:16],
            "case_id": seed(f"case {number}")[:16],
            "record_id": seed(f"record {number}")[:16],
            "receipt_no": "R8-000123-4",
            "provider_no": PROVIDER,
            "reason": "page_missing",
            "sentence": "申請書の裏面がありません。次の訪問のときにお持ちください。",
            "missing": ("form_back",),
            "fields": (),
            "answer_by": date(2026, 9, 10),
            "asked_at": NOON - timedelta(days=2),
            "insured_no": f"00123456{number:02}",
            "masked_name": "髙＊　𠮷＊",
        }
        return CorrectionRequest(**{**told, **changed})  # type: ignore[arg-type]  # the same

    def post(
        self,
        mail: MailStore,
        kind: str,
        letter: Content,
        signer: Signer | None = None,
    ) -> None:
        """Seal a letter for this box as city hall does, and put it into the inbox."""
        record = encode_letter(letter)
        made = seal(
            env_id=hashlib.sha256(record).digest()[:16],
            sender="office",
            kind=kind,
            visit=b"",
            signer=signer or self.office,
            recipients=[(self.reading.public, 3)],
            record=record,
            parts=[],
            at=self.clock.now(),
            journal=(0, bytes(32)),
            beacon=b"",
            bundle_version=1,
            random=os.urandom,
        )
        mail.put_letter(made.env_id, kind, made.slip, self.clock.now())


@cache
def _locked(secret: bytes, pin: str) -> bytes:
    return lock_secret(secret, pin, bytes(16), bytes(12))


async def settled(counter: Counter) -> None:
    """Wait until the stack is fed, read and put together."""
    async with asyncio.timeout(60):
        while True:
            tray = counter.tray
            assert tray is not None
            batch = counter.opened().current()
            quiet = not tray.work.busy and not batch.feeding and not batch.unread()
            if quiet and (batch.grouped or not batch.sheets):
                return
            await asyncio.sleep(0.005)
