"""Builds the desk out of the bus's settings and runs it: `python -m appliance.desk --config bus.toml`."""

import argparse
import asyncio
import json
import logging
import os
import signal
import sys
import time
from enum import Enum
from functools import partial
from pathlib import Path
from socket import socket

from aiohttp import web

from appliance.config import BusSettings, DeskSettings, read_settings
from appliance.desk.anew import BACKLOG, begin_anew, carried_notice, listen
from appliance.desk.bundles import Bundles
from appliance.desk.camera.eye import Eye
from appliance.desk.camera.table import CameraTable
from appliance.desk.cardage import card_is_old
from appliance.desk.citytime import CityTime
from appliance.desk.clock import DeskClock
from appliance.desk.clockjournal import ClockJournal
from appliance.desk.counter import Counter
from appliance.desk.formsin import Forms
from appliance.desk.guarding import (
    forget_left_behind,
    lock_when_idle,
    lock_when_turned,
    until_death,
)
from appliance.desk.keyring import KeyringError, read_keyring
from appliance.desk.pages.forms import read_forms
from appliance.desk.pages.reader import PageReader
from appliance.desk.partners import Partners
from appliance.desk.visit import destroy_visit
from appliance.desk.web.app import make_app, make_room
from appliance.desk.web.room import Place
from appliance.mail.boots import boot_count
from appliance.mail.store import MailStore
from hardware.catalogue import open_camera, open_power, open_printer, open_scanner, open_tpm
from hardware.clock.system import SystemClock, boot_id
from hardware.errors import DeviceError
from hardware.protocols import Power, Printer, Scanner, Tpm
from procedures.definition import load, names
from procedures.policy import load_policy
from procedures.procedure import Procedure
from sync.errors import SyncError

log = logging.getLogger("appliance.desk")

SHUTDOWN_S = 1.0
A4 = "iso_a4_210x297mm"


class _End(Enum):
    """Why the desk stopped serving."""

    TOLD = "told"
    DIED = "died"
    SPENT = "visit_let_go"


def main(argv: list[str] | None = None) -> int:
    """Run until SIGTERM or SIGINT; 0 after a clean end, 1 when a part that must live died."""
    parser = argparse.ArgumentParser(prog="madobus desk", description=__doc__)
    parser.add_argument("--config", type=Path, required=True, help="the bus's settings (TOML)")
    parser.add_argument(
        "--abandon-visit",
        action="store_true",
        help="the PIN of the open visit is lost: destroy its key and drafts, then end; "
        "what was handed in stays on the shelf",
    )
    arguments = parser.parse_args(argv)
    logging.basicConfig(
        stream=sys.stderr, level=logging.INFO, format="%(levelname)s %(name)s %(message)s"
    )
    logging.getLogger("aiohttp.access").setLevel(logging.WARNING)
    try:
        settings = read_settings(arguments.config)
        if arguments.abandon_visit:
            destroy_visit(settings.desk.folder, _tpm(settings.desk))
            log.warning("visit.abandoned by=command")
            return 0
        partners = build(settings)
        listening, carried = listen(settings.desk.host, settings.desk.port)
    except (OSError, ValueError, KeyringError, SyncError, DeviceError) as error:
        log.error("desk.refused_to_start %s", error)  # noqa: TRY400 - a sentence, not a trace
        return 1
    return _run(partners, settings.desk, listening, carried=carried)


def _run(partners: Partners, desk: DeskSettings, listening: socket, *, carried: bool) -> int:
    # The copy keeps the socket listening while the one that serves is closed.
    with listening, listening.dup() as kept:
        end, notice = asyncio.run(_serve(partners, desk, listening, announced=carried))
        if end is _End.SPENT:
            begin_anew(kept, notice)
    return 0 if end is _End.TOLD else 1


def build(settings: BusSettings) -> Partners:
    """Put the counter's partners together."""
    desk = settings.desk
    desk.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    tpm = _tpm(desk)
    keyring = read_keyring(desk.keys)
    mail = MailStore(settings.mail)
    bundles = Bundles(desk.bundle, keyring.root, mail)
    blanks = None if not desk.known_forms else [desk.blanks] if desk.blanks else []
    city_time, boot = CityTime(mail, bundles), boot_count(settings.mail, boot_id())
    return Partners(
        device=settings.device,
        folder=desk.folder,
        keyring=keyring,
        mail=mail,
        bundles=bundles,
        scanner=_scanner(desk),
        reader=PageReader(desk.readers, originals=desk.originals, blanks=blanks),
        blanks=read_forms(blanks),
        provider_files=desk.provider_files,
        workers=desk.readers,
        clock=DeskClock(SystemClock(boot), city_time.heard, city_time.issued),
        forms=Forms(desk.folder, load(desk.procedure), mail, bundles, _others(desk)),
        insurer_no=desk.insurer_no,
        policy=load_policy(desk.policy),
        keep_hours=settings.uplink.keep_hours,
        random=os.urandom,
        tpm=tpm,
        old_card=tpm is not None and _old_card(desk.folder, tpm),
        camera=_camera(desk),
        printer=_printer(desk),
        receipt_paper=desk.printer_paper,
    )


def _others(desk: DeskSettings) -> list[Procedure] | None:
    """Return the forms this counter takes one by one; None where the city wants none of them."""
    chosen = [name for name in names() if name != desk.procedure]
    if desk.procedures is not None:
        chosen = [name for name in desk.procedures if name != desk.procedure]
    return [load(name) for name in chosen] or None


def _camera(desk: DeskSettings) -> CameraTable | None:
    """Build the table under the camera; the demonstration's pictures lie still for three seconds each."""
    if not desk.camera:
        return None
    if desk.camera == "simulated":
        if desk.camera_pictures is None:
            raise ValueError("desk.camera_pictures: a simulated camera needs a folder; name one")
        camera = open_camera("simulated", folder=desk.camera_pictures, hold=30, fps=10, again=False)
    else:
        camera = open_camera("v4l2", device=desk.camera_device)
    return CameraTable(camera, Eye(), time.monotonic)


def _printer(desk: DeskSettings) -> Printer | None:
    if not desk.printer:
        return None
    if desk.printer == "simulated":
        if desk.printer_folder is None:
            raise ValueError("desk.printer_folder: a simulated printer needs a folder; name one")
        return open_printer("simulated", folder=desk.printer_folder)
    # A queue's own size is America's letter until somebody changes it; a roll's is its driver's.
    media = desk.printer_media or (A4 if desk.printer_paper == "a4" else "")
    return open_printer("cups", queue=desk.printer_queue, socket=desk.printer_socket, media=media)


def _scanner(desk: DeskSettings) -> Scanner:
    if desk.scanner == "simulated":
        if desk.sheets is None:
            raise ValueError("desk.sheets: a simulated scanner needs a folder; name one")
        return open_scanner(
            "simulated", folder=desk.sheets, dpi=desk.resolution, duplex=desk.scanner_duplex
        )
    return open_scanner(
        "sane",
        device=desk.scanner_device,
        source=desk.scanner_source,
        duplex=desk.scanner_duplex,
        config=desk.sane_config,
        dpi=desk.resolution,
    )


def _tpm(desk: DeskSettings) -> Tpm | None:
    return open_tpm("tpm2", setting=desk.tpm) if desk.tpm else None


def _power(desk: DeskSettings) -> Power | None:
    if not desk.power:
        return None
    if desk.power == "simulated":
        return open_power("simulated")
    return open_power("sysfs", ignition=desk.ignition, door=desk.door)


def _old_card(folder: Path, tpm: Tpm) -> bool:
    try:
        old = card_is_old(folder, tpm, boot_id())
    except (DeviceError, OSError) as error:
        # A chip or a disk that fails is said at the door and when a visit begins; here it proves nothing.
        log.error("card.unknown cause=%s", type(error).__name__)  # noqa: TRY400 - a word, not a trace
        return False
    if old:
        log.error("card.old")
    return old


async def _serve(
    partners: Partners, desk: DeskSettings, listening: socket, *, announced: bool
) -> tuple[_End, str]:
    """Serve until told to end, until a part dies, or until a visit that was open is locked or ended."""
    counter = Counter(partners)
    counter.notice = carried_notice()
    place = Place(desk.city, desk.division, desk.contact, desk.receipt_host)
    room = make_room(counter, place, desk.idle_lock_s)
    runner = web.AppRunner(make_app(room), shutdown_timeout=SHUTDOWN_S, handle_signals=False)
    await runner.setup()
    loop = asyncio.get_running_loop()
    # Not aiohttp's own site: the door must be shut in the very moment the visit is let go.
    server = _server_of(runner)
    door = await loop.create_server(server, sock=listening, backlog=BACKLOG)
    stopped, spent = asyncio.Event(), asyncio.Event()
    counter.on_spent = partial(_shut, door, server, spent)
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, stopped.set)
    if not announced:
        port = listening.getsockname()[1]
        print(  # noqa: T201 - the one line a supervisor waits for
            "ready",
            json.dumps({"process": "desk", "address": f"http://{desk.host}:{port}"}),
            flush=True,
        )
    vital = {
        asyncio.create_task(lock_when_idle(counter, room.sessions)),
        asyncio.create_task(until_death(counter)),
        asyncio.create_task(forget_left_behind(counter)),
    }
    if power := _power(desk):
        vital.add(asyncio.create_task(lock_when_turned(counter, room.sessions, power)))
    if isinstance(partners.clock, DeskClock):
        journal = ClockJournal(partners.clock, partners.mail, boot_id())
        vital.add(asyncio.create_task(journal.watch()))
    ended = asyncio.create_task(stopped.wait())
    letting_go = asyncio.create_task(spent.wait())
    await asyncio.wait({ended, letting_go, *vital}, return_when=asyncio.FIRST_COMPLETED)
    end = _End.TOLD if ended.done() else _End.SPENT if spent.is_set() else _End.DIED
    door.close()
    for task in (ended, letting_go, *vital):
        task.cancel()
    await asyncio.gather(ended, letting_go, *vital, return_exceptions=True)
    await counter.stop()
    await runner.cleanup()
    await partners.scanner.close()
    if partners.camera is not None:
        await partners.camera.close()
    if isinstance(partners.reader, PageReader):
        await partners.reader.close()
    partners.mail.close()
    if end is _End.SPENT and stopped.is_set():
        end = (
            _End.TOLD
        )  # told while it let the visit go: the image that would follow never hears of it
    log.info("desk.ended cause=%s", end.value)
    return end, counter.notice


def _server_of(runner: web.AppRunner) -> web.Server:
    if runner.server is None:
        raise RuntimeError("desk: the runner was not set up; await runner.setup() first")
    return runner.server


def _shut(door: asyncio.Server, server: web.Server, spent: asyncio.Event) -> None:
    """Accept no more and hang up on idle lines: who comes from now on waits in the socket for the next image."""
    door.close()
    server.pre_shutdown()
    spent.set()


if __name__ == "__main__":
    sys.exit(main())
