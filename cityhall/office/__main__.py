"""Starts the office: builds every part once, serves the caseworkers, and ends when any vital part ends."""

import argparse
import asyncio
import contextlib
import json
import logging
import secrets
import signal
import sys
from collections.abc import Coroutine
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiohttp import web

from cityhall.config import HallSettings, read_settings
from cityhall.office.arrivals import Arrivals
from cityhall.office.bag_rows import Bags
from cityhall.office.board import Board
from cityhall.office.case_store import CaseStore
from cityhall.office.casework import Casework
from cityhall.office.correspondence import Post
from cityhall.office.custody import Custody, open_custody
from cityhall.office.enquiries import Enquiries
from cityhall.office.evaluation import Evaluation
from cityhall.office.inbox import Inbox
from cityhall.office.keyring import Keyring
from cityhall.office.labels import Labels
from cityhall.office.notes_in import NotesIn
from cityhall.office.question_rows import Questions
from cityhall.office.sessions import Sessions
from cityhall.office.system_clock import SystemClock
from cityhall.office.vault import Vault
from cityhall.office.web.app import build_app
from cityhall.office.web.office import Office
from cityhall.office.web.words import facts_for, read_words
from papers.showing import Showing
from procedures.policy import load_policy
from screens.pages import Pages

log = logging.getLogger("cityhall.office")

TEMPLATES = Path(__file__).parent / "web" / "templates"
# Corrections that could not be posted (tray full) are tried again this often.
POST_AGAIN_S = 30.0
# Open requests get this long when the office is told to stop.
STOP_S = 1.0


class UnguardedAddressError(Exception):
    """The screens would be reachable from a network without TLS."""


def main(argv: list[str] | None = None) -> int:
    """Run the office until it is told to stop; returns 0 then."""
    parser = argparse.ArgumentParser(prog="cityhall.office", description="The caseworkers' room.")
    parser.add_argument("--config", type=Path, required=True, help="city hall's TOML file")
    arguments = parser.parse_args(argv)
    logging.basicConfig(
        stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(name)s %(message)s"
    )
    logging.getLogger("aiohttp.access").setLevel(logging.WARNING)
    asyncio.run(_run(read_settings(arguments.config)))
    return 0


async def _run(settings: HallSettings) -> None:
    _check_address(settings)
    clock = SystemClock()
    with open_custody(settings, lambda: clock.now().wall) as held:
        await _work(settings, held, clock)


async def _work(settings: HallSettings, held: Custody, clock: SystemClock) -> None:
    """Build every part around what the office holds and serve."""
    keyring = Keyring(settings.office.bundle)
    vault = Vault(held.epochs, keyring, held.case_keys, held.audit)
    store, inbox, board = CaseStore(held.database), Inbox(held.database), Board()
    post = Post(held.signer, keyring.bundle, clock, secrets.token_bytes)
    casework = Casework(
        shelf=held.mail, store=store, inbox=inbox, vault=vault, audit=held.audit, post=post
    )
    questions, evaluation = Questions(held.database), Evaluation(held.database)
    bags = Bags(held.database)
    enquiries = Enquiries(
        shelf=held.mail, questions=questions, inbox=inbox, vault=vault, audit=held.audit, post=post
    )
    words = read_words()
    now = lambda: clock.now().wall  # noqa: E731 - one moment, asked for in many places
    idle = timedelta(minutes=settings.office.idle_minutes)
    office = Office(
        city=settings.city,
        eraser=held.eraser,
        casework=casework,
        enquiries=enquiries,
        evaluation=evaluation,
        bags=bags,
        inbox=inbox,
        audit=held.audit,
        accounts=held.accounts,
        sessions=Sessions(held.database, now, secrets.token_bytes, idle),
        board=board,
        buses=held.mail,
        labels=Labels(),
        showing=Showing([settings.office.blanks] if settings.office.blanks else []),
        pages=Pages(TEMPLATES, words, facts_for(settings.city, settings.division)),
        texts=words,
        now=now,
        insurer_no=settings.office.insurer_no,
        behind_tls=settings.office.behind_tls,
        policy=load_policy(settings.office.policy),
    )
    notes = NotesIn(held.mail, vault, questions, evaluation, bags)
    arrivals = Arrivals(held.mail, store, vault, board, keyring.bundle, notes=notes)
    await _serve(settings, office, [arrivals.watch(), _postman(casework, enquiries)])


async def _serve(
    settings: HallSettings, office: Office, duties: list[Coroutine[Any, Any, None]]
) -> None:
    """Serve until a signal comes; when a duty ends first, its error ends the process."""
    runner = web.AppRunner(build_app(office), access_log=None, shutdown_timeout=STOP_S)
    await runner.setup()
    site = web.TCPSite(runner, settings.office.host, settings.office.port)
    await site.start()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    tasks = [asyncio.create_task(duty) for duty in duties]
    waiting = asyncio.create_task(stop.wait())
    host, port = runner.addresses[0][:2]
    _say_ready(f"http://{host}:{port}")
    try:
        done, _ = await asyncio.wait({*tasks, waiting}, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in (*tasks, waiting):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await task
        office.board.close()
        await runner.cleanup()


async def _postman(casework: Casework, enquiries: Enquiries) -> None:
    """Post what waits, now and again."""
    while True:
        await asyncio.to_thread(casework.post_waiting)
        await asyncio.to_thread(enquiries.post_waiting)
        await asyncio.sleep(POST_AGAIN_S)


def _say_ready(address: str) -> None:
    sys.stdout.write(f"ready {json.dumps({'process': 'office', 'address': address})}\n")
    sys.stdout.flush()
    log.info("office.ready")


def _check_address(settings: HallSettings) -> None:
    host = settings.office.host
    loopback = host == "localhost" or ip_address(host).is_loopback
    if not loopback and not settings.office.behind_tls:
        raise UnguardedAddressError(
            f"office.host: screens outside this machine need TLS; {host} has none; "
            "put a TLS proxy before it and set behind_tls = true"
        )


if __name__ == "__main__":
    raise SystemExit(main())
