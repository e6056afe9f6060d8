"""The small real programs that faults are done to, in a nursery's child: the desk's keeping, uplink, intake."""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Callable, Coroutine
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

import appliance.mail.parts
import keeping.database
from appliance.config import BusSettings
from appliance.mail.belief import KeyFiles
from appliance.mail.store import MailStore, ShelfFullError
from appliance.uplink.__main__ import Uplink
from appliance.uplink.clock import UplinkClock
from cityhall.config import HallSettings
from cityhall.intake.__main__ import Intake
from cityhall.intake.clock import SystemTime
from cityhall.intake.door import Limits
from hardware.clock.system import SystemClock
from sync.envelope import Envelope, PartRole
from sync.journal import JournalEntry
from sync.receipt import BoxReceipt, sign_receipt
from sync.record import Answer, encode_record
from tests.support.makers import BOX, make_envelope, make_id, make_record, make_signer

# Stands in every record and on every page: wherever it can be read, a person's data could be.
CANARY = "カナリア花子-6d1f0c"
PAUSE_S = 0.2


def page(n: int, role: PartRole, size: int = 6_000) -> bytes:
    """Return what is on a page of application n."""
    return f"{CANARY} {n} {role.name} ".encode() * (size // 40)


def record(n: int) -> bytes:
    """Return the record of application n."""
    return encode_record(make_record(n, answers=(Answer("insured.name", CANARY, "due_list"),)))


def keep(folder: str, first: int, count: int, weak: str = "") -> None:
    """Keep `count` applications from number `first` as the desk does, printing a line for each that is kept.

    `weak` makes a wrong program on purpose: "no_full_sync" or "no_folder_sync".
    """
    _weaken(weak)
    mail = MailStore(Path(folder), free_bytes=lambda: 1 << 40)
    for n in range(first, first + count):
        try:
            seq, receipt = _kept(mail, n)
        except (OSError, SQLAlchemyError, ShelfFullError) as error:
            print(f"failed {make_id(n).hex()} {type(error).__name__}", flush=True)  # noqa: T201 - the acknowledgement
        else:
            print(f"kept {make_id(n).hex()} {seq} {receipt.hex()}", flush=True)  # noqa: T201 - the acknowledgement
    mail.close()


def _kept(mail: MailStore, n: int) -> tuple[int, bytes]:
    known = mail.find(make_id(n))
    if known is not None:
        return known.journal_seq, known.box_receipt
    at = UplinkClock(SystemClock()).now()
    sealed = make_envelope(
        n,
        record=record(n),
        parts=[(role, page(n, role)) for role in (PartRole.PREVIEW, PartRole.PAGE)],
        at=at,
        journal=mail.head(),
        random=os.urandom,
    )
    kept = mail.keep(
        sealed, deadline=None, at=at, receipt_for=lambda entry: _receipt(sealed, entry)
    )
    return kept.entry.seq, kept.receipt


def _receipt(sealed: Envelope, entry: JournalEntry) -> bytes:
    signer = make_signer(BOX)
    filed = entry.wall.replace(microsecond=0)
    return sign_receipt(
        BoxReceipt(
            env_id=sealed.env_id,
            envelope_sha256=entry.object_hash,
            procedure=sealed.header.kind,
            filed=filed,
            not_before=filed - timedelta(minutes=1),
            uncertainty_s=2,
            journal_seq=entry.seq,
            device_key_id=signer.key_id,
        ),
        signer,
    )


def _weaken(weak: str) -> None:
    """Make this process forget what durability asks for."""
    if weak == "no_folder_sync":
        appliance.mail.parts.sync_folder = lambda _folder: None
    if weak == "no_full_sync":
        prepare = keeping.database._prepare

        def hasty(connection: Any, place: object) -> None:
            prepare(connection, place)
            connection.execute("PRAGMA synchronous = NORMAL")

        keeping.database._prepare = hasty


def uplink(settings: dict[str, Any]) -> None:
    """Run the bus's uplink until SIGTERM."""
    clock = UplinkClock(SystemClock())

    async def serve() -> None:
        part = Uplink(BusSettings.model_validate(settings), clock, longest_pause_s=PAUSE_S)
        await _until_told(part.run(), part.ready)

    _run(serve())


def intake(settings: dict[str, Any]) -> None:
    """Run city hall's intake until SIGTERM."""

    async def serve() -> None:
        made = HallSettings.model_validate(settings)
        part = Intake(made, SystemTime(), Limits(), look_every_s=0.05)
        await _until_told(part.run(), part.ready)

    _run(serve())


def _run(work: Coroutine[Any, Any, None]) -> None:
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(name)s %(message)s")
    asyncio.run(work)


async def _until_told(work: Coroutine[Any, Any, None], ready: asyncio.Event) -> None:
    """Serve, say so once, and end cleanly on SIGTERM; the death of the part is the death of the process."""
    serving = asyncio.create_task(work)
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
    waiting = [asyncio.create_task(one.wait()) for one in (ready, told)]
    await asyncio.wait([serving, waiting[0]], return_when=asyncio.FIRST_COMPLETED)
    if ready.is_set():
        print("ready", flush=True)  # noqa: T201 - the acknowledgement
    await asyncio.wait([serving, waiting[1]], return_when=asyncio.FIRST_COMPLETED)
    for one in (*waiting, serving):
        if not one.done():
            one.cancel()
    for outcome in await asyncio.gather(serving, return_exceptions=True):
        if isinstance(outcome, Exception):
            raise outcome


def take_bundle(folder: str, text: str) -> None:
    """Take the key bundle in the file `text` as the uplink does, and say so when it is taken."""
    place = Path(folder)
    files = KeyFiles(place / "bundle.json", place / "root.json")
    if files.offer(Path(text).read_text(encoding="utf-8")):
        print("taken", flush=True)  # noqa: T201 - the acknowledgement


PROGRAMS: dict[str, Callable[..., None]] = {
    "keep": keep,
    "uplink": uplink,
    "intake": intake,
    "take_bundle": take_bundle,
}
